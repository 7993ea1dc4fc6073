# Expected values for tests/stats/test_choice.py: d' of m-alternative forced choice by psyphy's dprime.mAFC, whose root
# is found to about 1e-4. Run from this folder: Rscript choice.R
# Makes choice.csv.
library(psyphy)
table <- expand.grid(proportion = c(0.2, 0.4, 0.5, 0.6, 0.75, 0.9, 0.99), alternatives = 2:4)
table$sensitivity <- round(mapply(dprime.mAFC, table$proportion, table$alternatives), 4)
write.csv(table, "choice.csv", row.names = FALSE)
