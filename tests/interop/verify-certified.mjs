// Verifies a DSSE bundle that carries a certificate and a time-stamp token.
// usage: node verify-certified.mjs BUNDLE.sigstore.json CA_CHAIN TSA_CHAIN   (leaf-most first)
// A chain is a file with one DER certificate in base64 per line.
import { readFileSync } from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const [bundleFile, ...chains] = process.argv.slice(2);
const [certificateAuthorities, timestampAuthorities] = chains.map((file) => [{
  uri: "", operator: "",
  certChain: {
    certificates: readFileSync(file, "utf8").trim().split("\n")
      .map((line) => ({ rawBytes: Buffer.from(line, "base64") })),
  },
  validFor: { start: new Date("2020-01-01T00:00:00Z") },
}]);
const trust = toTrustMaterial(
  { mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [], ctlogs: [], certificateAuthorities, timestampAuthorities },
  () => { throw new Error("a bundle with a certificate has no key"); },
);
const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 1 });
const bundle = bundleFromJSON(JSON.parse(readFileSync(bundleFile, "utf8")));
const signer = verifier.verify(toSignedEntity(bundle));
process.stdout.write(signer.identity.subjectAlternativeName);
