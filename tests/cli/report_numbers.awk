# Every number in the cards and tables of report.html is in a CSV: awk -f report_numbers.awk CSV... report.html
# A CSV value and a printed one agree when they differ by no more than half of the last printed digit.
function known(value, half,   i) {
    for (i = 0; i < count; i++)
        if (csv[i] - value <= half && value - csv[i] <= half) return 1
    return 0
}
function check(text,   value, unit, scale, half, digits) {
    gsub(/,/, "", text)
    if (text !~ /^-?[0-9]+(\.[0-9]+)?( [^ ]+)?$/) return
    value = text; sub(/ .*/, "", value)
    unit = text; if (!sub(/^[^ ]+ /, "", unit)) unit = ""
    digits = index(value, ".") ? length(value) - index(value, ".") : 0
    half = 0.5000001 * 10 ^ -digits
    scale = 1
    if (unit ~ /[sJ]$/) {
        prefix = substr(unit, 1, length(unit) - 1)
        scale = prefix == "k" ? 1e3 : prefix == "" ? 1 : prefix == "m" ? 1e-3 : prefix == "n" ? 1e-9 : prefix == "M" ? 1e6 : 1e-6
        scale *= unit ~ /s$/ ? 1e6 : 1e12     # CSVs hold us and pJ
    }
    checked++
    if (!known(value * scale, half * scale)) { print "not in any CSV: " text > "/dev/stderr"; bad++ }
}
FILENAME ~ /\.csv$/ {
    n = split($0, field, ",")
    for (i = 1; i <= n; i++) if (field[i] ~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/) {
        csv[count++] = field[i] + 0
        csv[count++] = 100 * field[i]          # fractions shown in percent
    }
    next
}
{
    line = $0
    while (match(line, /<(td|b|dd)[^>]*>[^<]*/)) {
        cell = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        sub(/^<[^>]*>/, "", cell)
        check(cell)
    }
}
END { print "checked " checked + 0 " numbers against " count + 0; exit bad > 0 || checked < 20 }
