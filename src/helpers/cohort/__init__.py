"""Cohorts: any supported data set to one table and one folder of gray square images."""
