// Verifies a pure ML-DSA-65 signature with an empty context; exits with 1 if it does not verify.
// usage: node verify-ml-dsa.mjs SIGNATURE MESSAGE RAW_PUBLIC_KEY
import { readFileSync } from "node:fs";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";

const [signature, message, publicKey] = process.argv
  .slice(2)
  .map((file) => new Uint8Array(readFileSync(file)));
process.exit(ml_dsa65.verify(signature, message, publicKey) ? 0 : 1);
