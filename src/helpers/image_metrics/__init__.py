"""What can be measured on synthetic images without a reader, always with a real-against-real baseline."""
