"""Mixed models with crossed or nested random effects: binomial, Gaussian and cumulative logit."""
