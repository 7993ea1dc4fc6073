# The R side of mixed_models.py: one fit, seconds and estimates as CSV. Rscript mixed_models.R DATA.csv MODEL
arguments <- commandArgs(trailingOnly = TRUE)
d <- read.csv(arguments[1], stringsAsFactors = TRUE)
kind <- arguments[2]
suppressMessages(library(if (kind == "ordinal") "ordinal" else if (kind == "glmmTMB") "glmmTMB" else "lme4", character.only = TRUE))
start <- proc.time()[["elapsed"]]
if (kind == "binomial") m <- glmer(correct ~ source * finding + (1 | reader) + (1 | case), d, binomial, nAGQ = 1)
if (kind == "glmmTMB") m <- glmmTMB(correct ~ source * finding + (1 | reader) + (1 | case), d, binomial)
if (kind == "gaussian") m <- lmer(log_time ~ source * finding + (1 | reader) + (1 | case), d)
if (kind == "ordinal") m <- clmm(factor(rating) ~ source * finding + (1 | reader) + (1 | case), data = d)
seconds <- proc.time()[["elapsed"]] - start
b <- if (kind == "ordinal") m$beta else if (kind == "glmmTMB") fixef(m)$cond else fixef(m)
write.csv(data.frame(seconds = seconds, log_likelihood = as.numeric(logLik(m)), term = names(b), estimate = b), row.names = FALSE)
