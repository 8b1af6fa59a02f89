"""What Prometheus reads at ``/metrics`` of both ports: figures that are looked up when it asks, and kept for nothing else."""
