"""Files in and out: reading people's CSV files, checking every row, planning the calls, and result files."""
