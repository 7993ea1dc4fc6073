# Expected values for tests/stats/mrmc, from R's pROC (Robin et al. 2011).
# Run from this folder: Rscript mrmc_roc.R
# Makes mrmc_ratings.csv (made-up ratings of 2 readers, 30 present and 40 absent cases, with ties) and mrmc_roc.csv.
suppressMessages(library(pROC))
set.seed(11)
truth <- rep(c(1, 0), c(30, 40))
evidence <- rnorm(70) + 1.1 * truth
ratings <- sapply(1:2, function(r) pmax(-2, pmin(2, round(evidence + rnorm(70, 0, 0.8)))))
colnames(ratings) <- c("first", "second")
write.csv(data.frame(case = 1:70, truth, ratings), "mrmc_ratings.csv", row.names = FALSE)

curves <- lapply(c("first", "second"), function(r) roc(truth, ratings[, r], levels = c(0, 1), direction = "<"))
made <- paste("R", getRversion(), "pROC", packageVersion("pROC"))
rows <- list()
add <- function(...) rows[[length(rows) + 1]] <<- data.frame(..., made_with = made)
for (r in 1:2) {
  reader <- colnames(ratings)[r]
  add(measure = "auc", reader = reader, value = as.numeric(auc(curves[[r]])))
  add(measure = "variance", reader = reader, value = var(curves[[r]], method = "delong"))
}
add(measure = "covariance", reader = "both", value = cov(curves[[1]], curves[[2]], method = "delong"))
table <- do.call(rbind, rows)
table$value <- format(table$value, digits = 15)
write.csv(table, "mrmc_roc.csv", row.names = FALSE, quote = FALSE, na = "")
