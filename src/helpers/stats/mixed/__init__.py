"""Mixed models with crossed or nested random effects: binomial, Gaussian and cumulative logit.

Readings need a binomial model in which readers and cases are crossed random effects. No Python package fits one well:

- statsmodels' ``BinomialBayesMixedGLM``, on 12 readers and 45 cases (``tests/reference/mixed_readings.csv``), gives
  standard errors of sources nearly 3 times too small by variational Bayes (.17 instead of .47). By maximum a
  posteriori it does not converge, and both variances collapse to zero. Its ``MixedLM`` is Gaussian only.
- pingouin has no generalised linear mixed model. pymer4 and rpy2 run R, which would have to be installed.
- Generalised estimating equations take one grouping factor, and need far more readers than such a study has.

Laplace's approximation with crossed random effects is what R's lme4 (``glmer``) and ordinal (``clmm``) use. This
package agrees with both, and with glmmTMB, on every model of ``tests/reference/mixed_models.R`` and on published data.

``formula`` -> ``design`` -> ``families`` and ``laplace`` (the likelihood; ``arrow`` solves its sparse systems) ->
``estimate`` (with ``optimise`` and ``separation``) -> ``results`` (with ``effects``). ``quadrature`` is the likelihood
for one grouping factor with more than one point. ``contrasts``, ``marginal`` (with ``prediction``), ``profile``,
``robust`` and ``to_r`` take a fit. Start at ``glmm.fit`` and ``clmm.fit_ordinal``.
"""
