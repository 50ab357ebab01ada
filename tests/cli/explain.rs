//! Every rule explains itself.

use crate::support::workspace::{Scratch, busctl, start};

#[test]
fn each_rule_has_a_page_with_a_bad_and_a_good_example() {
    let scratch = Scratch::new();
    for rule in busctl::policy::rules() {
        let page = scratch.run(&["explain", rule.code]).ended(0).out;
        assert!(page.contains(rule.code) && page.contains(rule.summary), "{page}");
        for part in ["Bad", "Good"] {
            assert!(page.contains(part), "{} has no {part}\n{page}", rule.code);
        }
        assert_eq!(scratch.run(&["explain", &rule.code.to_lowercase()]).ended(0).out, page);
    }
}

#[test]
fn an_unknown_rule_is_wrong_usage() {
    let mut command = busctl();
    command.args(["explain", "BUS9999"]).current_dir("/");
    start(command).wait().ended(64).says(&["there is no rule `BUS9999`"]);
    // A kind of change in a finding of schemas is not ours.
    let run = Scratch::new().run(&["explain", "READER_FIELD_MISSING_DEFAULT_VALUE"]);
    run.ended(64).says(&["are kinds of changes, as Apache Avro,", "`busctl schema check`", "BUS307"]);
}
