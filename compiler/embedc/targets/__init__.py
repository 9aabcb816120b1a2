"""What a CPU is: data files and toolchains."""
