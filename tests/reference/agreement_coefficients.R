# Expected values for tests/stats/test_kappa.py and test_intraclass.py, written out from the published formulas in base R,
# case by case, without any package. Run from this folder: Rscript agreement_coefficients.R
# Makes agreement_ratings.csv (made-up ratings of 4 raters, 40 cases, some missing) and agreement_coefficients.csv.
set.seed(20)
cases <- 40; raters <- 4; scale <- -2:2; q <- length(scale)
truth <- rnorm(cases)
bias <- c(-0.2, 0, 0.3, 0.5)
ratings <- sapply(1:raters, function(r) pmax(-2, pmin(2, round(truth * 1.1 + bias[r] + rnorm(cases, 0, 0.7)))))
ratings[cbind(c(3, 8, 8, 8, 21, 33), c(1, 1, 2, 4, 3, 2))] <- NA
colnames(ratings) <- paste0("rater", 1:raters)
write.csv(data.frame(case = 1:cases, ratings), "agreement_ratings.csv", row.names = FALSE, na = "")

identity_weights <- diag(q)
linear_weights <- 1 - abs(outer(scale, scale, "-")) / 4
quadratic_weights <- 1 - outer(scale, scale, "-")^2 / 16

gwet <- function(weights) {  # Gwet 2014, with missing ratings
  n <- 0; observed <- 0; share <- rep(0, q); rated <- 0
  for (i in 1:cases) {
    x <- ratings[i, !is.na(ratings[i, ])]
    m <- length(x)
    if (m > 0) { rated <- rated + 1; for (k in 1:q) share[k] <- share[k] + sum(x == scale[k]) / m }
    if (m > 1) {
      n <- n + 1
      same <- 0
      for (a in 1:m) for (b in 1:m) if (a != b) same <- same + weights[match(x[a], scale), match(x[b], scale)]
      observed <- observed + same / (m * (m - 1))
    }
  }
  observed <- observed / n; share <- share / rated
  c(gwet = (observed - sum(weights) / (q * (q - 1)) * sum(share * (1 - share))) /
      (1 - sum(weights) / (q * (q - 1)) * sum(share * (1 - share))),
    fleiss = (observed - sum(share^2)) / (1 - sum(share^2)))
}

cohen <- function(a, b, weights) {  # kappa, z: Fleiss, Cohen and Everitt 1969
  ok <- !is.na(a) & !is.na(b)
  p <- table(factor(a[ok], scale), factor(b[ok], scale)) / sum(ok)
  r <- rowSums(p); c <- colSums(p)
  chance <- sum(weights * outer(r, c)); kappa <- (sum(weights * p) - chance) / (1 - chance)
  total <- 0
  for (i in 1:q) for (j in 1:q) {
    wi <- sum(weights[i, ] * c); wj <- sum(weights[, j] * r)
    total <- total + r[i] * c[j] * (weights[i, j] - (wi + wj))^2
  }
  c(kappa, kappa / sqrt((total - chance^2) / (sum(ok) * (1 - chance)^2)))
}

fleiss_z <- function(x) {  # Fleiss, Nee and Landis 1979
  n <- nrow(x); m <- ncol(x)
  p <- sapply(scale, function(k) mean(x == k))
  pa <- mean(apply(x, 1, function(row) (sum(table(row)^2) - m) / (m * (m - 1))))
  kappa <- (pa - sum(p^2)) / (1 - sum(p^2))
  s <- sum(p * (1 - p))
  c(kappa, kappa / sqrt(2 / (s^2 * n * m * (m - 1)) * (s^2 - sum(p * (1 - p) * (1 - 2 * p)))))
}

icc_a1 <- function(x) {  # McGraw and Wong 1996, mean squares of a two-way analysis of variance
  long <- data.frame(y = c(x), case = factor(rep(1:nrow(x), ncol(x))), rater = factor(rep(1:ncol(x), each = nrow(x))))
  ms <- summary(aov(y ~ case + rater, long))[[1]][["Mean Sq"]]
  k <- ncol(x); n <- nrow(x)
  (ms[1] - ms[3]) / (ms[1] + (k - 1) * ms[3] + k / n * (ms[2] - ms[3]))
}

whole <- ratings[complete.cases(ratings), ]
pair <- function(weights) cohen(ratings[, 1], ratings[, 2], weights)
mean_kappa <- mean(combn(raters, 2, function(p) cohen(ratings[, p[1]], ratings[, p[2]], quadratic_weights)[1]))
expected <- rbind(
  data.frame(name = "gwet_ac1", value = gwet(identity_weights)["gwet"]),
  data.frame(name = "gwet_ac2_linear", value = gwet(linear_weights)["gwet"]),
  data.frame(name = "gwet_ac2_quadratic", value = gwet(quadratic_weights)["gwet"]),
  data.frame(name = "fleiss_kappa", value = gwet(identity_weights)["fleiss"]),
  data.frame(name = "fleiss_complete", value = fleiss_z(whole)[1]),
  data.frame(name = "fleiss_complete_z", value = fleiss_z(whole)[2]),
  data.frame(name = "mean_weighted_kappa", value = mean_kappa),
  data.frame(name = c("cohen_unweighted", "cohen_unweighted_z"), value = pair(identity_weights)),
  data.frame(name = c("cohen_linear", "cohen_linear_z"), value = pair(linear_weights)),
  data.frame(name = c("cohen_quadratic", "cohen_quadratic_z"), value = pair(quadratic_weights)),
  data.frame(name = "icc_a1", value = icc_a1(whole))
)
expected$value <- format(expected$value, digits = 15)
expected$made_with <- R.version.string
write.csv(expected, "agreement_coefficients.csv", row.names = FALSE)
