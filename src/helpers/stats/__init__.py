"""Statistics of few readers who see the same cases: tidy tables in, tidy tables out."""
