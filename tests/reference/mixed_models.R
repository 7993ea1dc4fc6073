# Made-up readings and expected values for tests/stats/mixed, from lme4, ordinal and glmmTMB.
# Run from this folder: Rscript mixed_models.R
# Makes mixed_readings.csv (12 readers of 4 sites x 45 cases of 3 sources) and mixed_models.csv.
suppressMessages({ library(lme4); library(ordinal); library(glmmTMB) })
set.seed(11)
readers <- 12; cases <- 45
d <- expand.grid(case = sprintf("c%02d", 1:cases), reader = sprintf("r%02d", 1:readers), stringsAsFactors = FALSE)
r <- as.integer(factor(d$reader)); k <- as.integer(factor(d$case))
d$site <- c("a", "b", "c", "d")[(r - 1) %/% 3 + 1]
d$source <- c("diffusion", "gan", "real")[(k - 1) %% 3 + 1]
d$finding <- c("atelectasis", "effusion")[((k - 1) %/% 3) %% 2 + 1]
d$side <- ifelse(runif(nrow(d)) < 0.5, "left", "right")
d$position <- round(ave(runif(nrow(d)), d$reader, FUN = rank) / cases, 3)
synthetic <- as.integer(d$source != "real")
reader <- rnorm(readers, 0, 0.8); case <- rnorm(cases, 0, 1); slope <- rnorm(readers, 0, 0.9)
site <- rnorm(4, 0, 0.9)
fixed <- 0.4 + 0.8 * (d$source == "gan") - 0.5 * (d$source == "real") + 0.6 * (d$finding == "effusion") -
  0.9 * (d$source == "gan" & d$finding == "effusion") + 0.3 * (d$side == "right") - 0.4 * d$position
toss <- function(eta) rbinom(length(eta), 1, plogis(eta))
grade <- function(eta) findInterval(eta + rlogis(length(eta)), c(-2, -0.5, 0.4, 1.9)) - 2
d$correct <- toss(fixed + reader[r] + case[k])
d$kept <- as.integer(runif(nrow(d)) < ifelse(r <= 4, 0.4, 0.9))
d$alike <- toss(0.3 + 0.5 * (d$source == "gan") + case[k])
d$told <- ifelse(d$source == "real" & d$finding == "effusion", 1L, d$correct)
d$nested <- toss(fixed + site[match(d$site, c("a", "b", "c", "d"))] + reader[r])
d$sloped <- toss(fixed + reader[r] + slope[r] * synthetic + case[k])
d$synthetic <- synthetic
d$rating <- grade(fixed + reader[r] + case[k])
d$rating_alike <- grade(0.7 * (d$source == "gan") + case[k])
d$log_time <- round(2 + 0.2 * fixed + 0.4 * reader[r] + 0.3 * slope[r] * synthetic + 0.2 * case[k] + rnorm(nrow(d), 0, 0.5), 4)
write.csv(d, "mixed_readings.csv", row.names = FALSE)
d <- read.csv("mixed_readings.csv", stringsAsFactors = TRUE)
d$rating <- factor(d$rating); d$rating_alike <- factor(d$rating_alike)

version <- function(p) paste(p, packageVersion(p))
row <- function(model, package, kind, term, value)
  data.frame(model = model, package = version(package), kind = kind, term = term, value = value)
tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-8, maxfun = 1e5), tolPwrss = 1e-10)
from_lme4 <- function(name, m) {
  v <- as.data.frame(VarCorr(m))
  label <- paste(v$grp, ifelse(is.na(v$var1), "", v$var1), ifelse(is.na(v$var2), "", v$var2), sep = "|")
  rbind(row(name, "lme4", "estimate", names(fixef(m)), fixef(m)),
        row(name, "lme4", "standard_error", names(fixef(m)), sqrt(diag(as.matrix(vcov(m))))),
        row(name, "lme4", "random", label, v$sdcor),
        row(name, "lme4", "log_likelihood", "", as.numeric(logLik(m))),
        row(name, "lme4", "singular", "", as.numeric(isSingular(m))))
}
from_clmm <- function(name, m) {
  k <- length(m$alpha) + length(m$beta)
  rbind(row(name, "ordinal", "estimate", names(coef(m))[1:k], coef(m)[1:k]),
        row(name, "ordinal", "standard_error", names(coef(m))[1:k], sqrt(diag(vcov(m)))[1:k]),
        row(name, "ordinal", "random", paste0(names(VarCorr(m)), "|(Intercept)|"), sapply(VarCorr(m), sqrt)),
        row(name, "ordinal", "log_likelihood", "", as.numeric(logLik(m))))
}
from_tmb <- function(name, m) {
  b <- summary(m)$coefficients$cond
  rbind(row(name, "glmmTMB", "estimate", rownames(b), b[, 1]),
        row(name, "glmmTMB", "standard_error", rownames(b), b[, 2]),
        row(name, "glmmTMB", "log_likelihood", "", as.numeric(logLik(m))))
}
intervals <- function(name, m) {
  ci <- suppressMessages(confint(m, method = "profile", oldNames = FALSE, devtol = 1e-4))
  rbind(row(name, "lme4", "profile_low", rownames(ci), ci[, 1]), row(name, "lme4", "profile_high", rownames(ci), ci[, 2]))
}
whole <- correct ~ source * finding + side + position + (1 | reader) + (1 | case)
crossed <- glmer(whole, d, binomial, control = tight)
counts <- aggregate(cbind(right = d$correct, all = 1) ~ reader + source, d, sum)
counted <- glmer(cbind(right, all - right) ~ source + (1 | reader), counts, binomial, control = tight)
timed <- lmer(log_time ~ source * finding + (1 + synthetic | reader) + (1 | case), d, REML = TRUE,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9)))
exact <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))
plain <- lmer(log_time ~ source + (1 | reader) + (1 | case), d, REML = FALSE, control = exact)
expected <- rbind(
  from_lme4("crossed", crossed),
  from_tmb("crossed", glmmTMB(whole, d, binomial)),
  row("crossed", "lme4", "without_interaction", "",
      as.numeric(logLik(glmer(correct ~ source + finding + side + position + (1 | reader) + (1 | case), d, binomial, control = tight)))),
  from_lme4("unbalanced", glmer(whole, subset(d, kept == 1), binomial, control = tight)),
  from_lme4("singular", glmer(alike ~ source + (1 | reader) + (1 | case), d, binomial, control = tight)),
  from_lme4("separated", suppressWarnings(glmer(told ~ source * finding + (1 | reader) + (1 | case), d, binomial, control = tight))),
  from_lme4("nested", glmer(nested ~ source * finding + (1 | site / reader), d, binomial, control = tight)),
  from_lme4("sloped", glmer(sloped ~ synthetic + finding + (1 + synthetic | reader) + (1 | case), d, binomial, control = tight)),
  from_lme4("counted", counted),
  intervals("counted", counted),
  from_lme4("timed_reml", timed),
  from_lme4("timed_ml", refitML(timed)),
  from_lme4("timed_plain", plain), intervals("timed_plain", plain),
  from_clmm("ordinal", clmm(rating ~ source * finding + (1 | reader) + (1 | case), data = d)),
  from_clmm("ordinal_alike", clmm(rating_alike ~ source + (1 | case), data = d))
)
expected$value <- format(expected$value, digits = 10, trim = TRUE)
expected$made_with <- R.version.string
write.csv(expected, "mixed_models.csv", row.names = FALSE)
