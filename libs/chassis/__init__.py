"""What every process needs: problems, sign-in, settings, telemetry and the shell of pages."""
