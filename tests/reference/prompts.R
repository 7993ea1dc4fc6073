# Made-up readings of prompted images and expected values for tests/stats/test_prompt_effect.py and test_models.py.
# Run from this folder: Rscript prompts.R
# Makes prompt_readings.csv (7 readers x 8 templates x 5 images of one source, and 20 images of another without a
# template) and prompt_models.csv (lme4, glmmTMB).
suppressMessages({ library(lme4); library(glmmTMB) })
set.seed(20)
readers <- 7; templates <- 8; images <- 5; others <- 20
prompted <- expand.grid(image = 1:images, template = sprintf("t%d", 1:templates), reader = sprintf("r%d", 1:readers),
                        stringsAsFactors = FALSE)
prompted$case <- paste0(prompted$template, "-", prompted$image)
plain <- expand.grid(image = 1:others, template = "", reader = sprintf("r%d", 1:readers), stringsAsFactors = FALSE)
plain$case <- paste0("real-", plain$image)
d <- rbind(cbind(prompted, source = "words"), cbind(plain, source = "real"))
effect <- function(keys, sd) { u <- unique(keys); rnorm(length(u), 0, sd)[match(keys, u)] }
has <- d$template != ""
eta <- effect(d$reader, 0.5) + effect(d$case, 0.7) +
  has * (0.3 + effect(d$template, 0.6) + effect(paste(d$reader, d$template), 0.4))
d$score <- round(eta + rnorm(nrow(d), 0, 0.8), 3)
d$correct <- rbinom(nrow(d), 1, plogis(0.5 + 1.3 * eta))
d <- d[c("reader", "source", "template", "case", "score", "correct")]
write.csv(d, "prompt_readings.csv", row.names = FALSE)
d <- read.csv("prompt_readings.csv")

row <- function(model, package, kind, term, value)
  data.frame(model = model, package = paste(package, packageVersion(package)), kind = kind, term = term, value = value)
words <- subset(d, source == "words")
exact <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
components <- function(name, formula) {
  m <- lmer(formula, words, REML = TRUE, control = exact)
  v <- as.data.frame(VarCorr(m))
  rbind(row(name, "lme4", "variance", v$grp, v$vcov), row(name, "lme4", "standard_error", "mean", sqrt(as.numeric(vcov(m)))))
}
d$prompted <- as.numeric(d$template != "")
m <- glmmTMB(correct ~ source + (1 | reader) + (1 | case) + (0 + prompted | template), d, binomial)
b <- summary(m)$coefficients$cond
v <- sapply(VarCorr(m)$cond, function(x) x[1])
expected <- rbind(
  components("score", score ~ 1 + (1 | reader) + (1 | template) + (1 | reader:template) + (1 | case)),
  row("logistic", "glmmTMB", "estimate", rownames(b), b[, 1]),
  row("logistic", "glmmTMB", "standard_error", rownames(b), b[, 2]),
  row("logistic", "glmmTMB", "variance", names(v), v)
)
expected$value <- format(expected$value, digits = 10, trim = TRUE)
expected$made_with <- R.version.string
write.csv(expected, "prompt_models.csv", row.names = FALSE)
