# Sum of a column: awk -v column=NAME -f columns.awk FILE
BEGIN { FS = "," }
NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i; if (!at) { print "no column " column > "/dev/stderr"; exit 1 } next }
{ sum += $at }
END { printf "%.15g\n", sum }
