// Verifies a DSSE bundle with @sigstore/verify and prints the payload's type.
// usage: node verify-bundle.mjs BUNDLE.sigstore.json PUBLIC_KEY.pem
import { readFileSync } from "node:fs";
import { createPublicKey } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const [bundleFile, keyFile] = process.argv.slice(2);
const bundle = bundleFromJSON(JSON.parse(readFileSync(bundleFile, "utf8")));
const publicKey = createPublicKey(readFileSync(keyFile));
const trust = toTrustMaterial(
  { mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] },
  () => ({ publicKey, validFor: () => true }),
);
const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
verifier.verify(toSignedEntity(bundle));
const payload = JSON.parse(bundle.content.dsseEnvelope.payload.toString("utf8"));
process.stdout.write(payload.predicateType);
