"""A team's own pack, as small as one can be."""

from __future__ import annotations

PACK = """
version = 1
id = "model-policy"
title = "Model policy"
document = "Policy on models in production"
edition = "3"
source = "document 4711"
legal-status = "guidance"
review-by = 2027-06-30
retention = "seven-years"

[retentions.seven-years]
kind = "fixed"
period = "P7Y"
anchor = "the model was taken out of use"
basis = "cited"
source = "section 9"

[[controls]]
id = "4.2"
title = "Second pair of eyes"
paraphrase = "Somebody who did not train the model approves it before it is used."
reach = "whole"
evidence = [{ fact = "signature" }, { fact = "datasets" }]
cannot-evidence = "That the validator looked closely."
source = "section 4.2"
"""
