"""Controls of frameworks, and how far the evidence of a run goes towards each."""
