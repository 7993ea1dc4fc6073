# Expected values for tests/stats/mixed: adaptive Gauss-Hermite quadrature (lme4, ordinal) and cluster-robust
# standard errors (clubSandwich, sandwich).
# Run from this folder: Rscript mixed_quadrature.R
# Reads published/cbpp.csv, published/wine.csv, published/sleepstudy.csv and mixed_readings.csv; makes
# mixed_quadrature.csv.
suppressMessages({ library(lme4); library(ordinal); library(clubSandwich); library(sandwich) })
cbpp <- read.csv("published/cbpp.csv", colClasses = c(period = "factor"))
wine <- read.csv("published/wine.csv")
wine$rating <- factor(wine$rating, ordered = TRUE)
sleepstudy <- read.csv("published/sleepstudy.csv", colClasses = c(Subject = "factor"))
readings <- read.csv("mixed_readings.csv")

row <- function(model, package, kind, term, value)
  data.frame(model = model, package = paste(package, packageVersion(package)), kind = kind, term = term, value = value)
tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-12)
herds <- function(points) {
  m <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial, nAGQ = points, control = tight)
  name <- paste0("cbpp ", points)
  rbind(row(name, "lme4", "estimate", names(fixef(m)), fixef(m)),
        row(name, "lme4", "standard_error", names(fixef(m)), sqrt(diag(as.matrix(vcov(m))))),
        row(name, "lme4", "standard_deviation", "herd", attr(VarCorr(m)$herd, "stddev")))
}
judges <- function(points) {
  m <- clmm(rating ~ temp + contact + (1 | judge), data = wine, nAGQ = points,
            control = clmm.control(gradTol = 1e-7, innerCtrl = "noWarn"))
  name <- paste0("wine ", points)
  k <- length(m$alpha) + length(m$beta)
  rbind(row(name, "ordinal", "estimate", names(coef(m))[1:k], coef(m)[1:k]),
        row(name, "ordinal", "standard_error", names(coef(m))[1:k], sqrt(diag(vcov(m)))[1:k]),
        row(name, "ordinal", "standard_deviation", "judge", sqrt(as.numeric(VarCorr(m)$judge))),
        row(name, "ordinal", "log_likelihood", "", as.numeric(logLik(m))))
}
robust <- function(name, package, terms, covariance)
  row(name, package, "robust_error", terms, sqrt(diag(as.matrix(covariance))))
days <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE,
             control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6)))
one <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6)))
plain <- glm(correct ~ source + finding, binomial, readings)
grades <- clm(factor(rating) ~ source + finding, data = readings, control = clm.control(gradTol = 1e-10))
kept <- subset(readings, kept == 1)
timed <- lmer(log_time ~ source + position + (1 | reader), kept, REML = FALSE,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6)))
expected <- rbind(
  herds(2), herds(5), herds(9), herds(25), judges(3), judges(10),
  robust("sleepstudy slopes CR0", "clubSandwich", names(fixef(days)), vcovCR(days, type = "CR0")),
  robust("sleepstudy intercepts CR0", "clubSandwich", names(fixef(one)), vcovCR(one, type = "CR0")),
  robust("sleepstudy intercepts CR1", "clubSandwich", names(fixef(one)), vcovCR(one, type = "CR1")),
  robust("log_time unbalanced CR0", "clubSandwich", names(fixef(timed)), vcovCR(timed, type = "CR0")),
  robust("correct CR0", "clubSandwich", names(coef(plain)), vcovCR(plain, readings$reader, type = "CR0")),
  robust("correct CR1", "sandwich", names(coef(plain)), vcovCL(plain, readings$reader, type = "HC0", cadjust = TRUE)),
  robust("rating CR0", "sandwich", names(coef(grades)),
         vcovCL(grades, readings$reader, type = "HC0", cadjust = FALSE))
)
expected$value <- format(expected$value, digits = 10, trim = TRUE)
expected$made_with <- R.version.string
write.csv(expected, "mixed_quadrature.csv", row.names = FALSE)
