"""What can be measured of synthetic images without a reader, always beside real against real."""
