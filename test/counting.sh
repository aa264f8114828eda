# What a run of ctest came to, in test cases. Sourced by test/run and test/matrix/run.

# Adds up what ctest and the Boost.Test programs reported: "PASSED FAILED SKIPPED".
# A program that leaves a report counts by its cases, any other test as one. A case that says it is skipped did not pass;
# one that was not to run, as it belongs to another test of the same program, does not count.
sum_of_reports() { # CTEST_JUNIT REPORT_FOLDER
    local name state p=0 f=0 s=0 tests=0 errors=0 cases_skipped=0
    while read -r name state; do
        case $state in
            skipped) ((++s)); continue ;;
            passed | failed) ;;
        esac
        local report=$2/$name.xml
        if [[ -f $report ]] && read -r tests errors < <(
            sed -n 's/^<testsuite tests="\([0-9]*\)" skipped="[0-9]*" errors="\([0-9]*\)" failures="\([0-9]*\)".*/\1 \2+\3/p' "$report"
        ); then
            errors=$((errors))
            cases_skipped=$(skips_of_cases "$report" | awk -F '\t' '!seen[$1]++' | wc -l)
            ((p += tests - errors - cases_skipped, f += errors, s += cases_skipped))
            # It crashed after its report, or a sanitizer objected at the end.
            [[ $state == failed && $errors == 0 ]] && ((++f))
        elif [[ $state == passed ]]; then
            ((++p))
        else
            ((++f))
        fi
    done < <(awk '
        /<testcase / { match($0, /name="[^"]*"/); name = substr($0, RSTART + 6, RLENGTH - 7)
                       state = /status="run"/ ? "passed" : "failed" }
        /<skipped message="SKIP_/ { state = "skipped" }
        /<failure/ { state = "failed" }
        /<\/testcase>/ { print name, state }' "$1")
    echo "$p $f $s"
}

# What the cases of a Boost.Test report say that they skipped: "NUMBER OF THE CASE<tab>WHAT (REASON)".
skips_of_cases() { # REPORT
    awk '
        /<testcase / { ++number }
        /^- message: skipped: / { sub(/^- message: skipped: /, ""); print number "\t" $0 }' "$1"
}

# Everything that sum_of_reports counted as skipped, a line each: "NAME (REASON)".
skips_of_reports() { # CTEST_JUNIT REPORT_FOLDER
    local name
    while read -r name; do
        [[ ! -f $2/$name.xml ]] || skips_of_cases "$2/$name.xml" | cut -f 2
    done < <(sed -n 's/.*<testcase name="\([^"]*\)".*/\1/p' "$1")
    # A test skipped as a whole says why in its last line.
    awk '
        /<testcase / { match($0, /name="[^"]*"/); name = substr($0, RSTART + 6, RLENGTH - 7); skipped = 0; last = "" }
        /<skipped message="SKIP_/ { skipped = 1 }
        { line = $0; gsub(/<[^>]*>/, "", line); gsub(/^[ \t]+|[ \t]+$/, "", line); if (line != "") last = line }
        /<\/testcase>/ { if (skipped) print name " (" last ")" }' "$1"
}
