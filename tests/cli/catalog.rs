//! The event catalog as a command.

use crate::support::workspace::Scratch;

#[test]
fn a_catalog_that_is_stale_ends_with_3() {
    let scratch = Scratch::with(&[
        ("catalog/all.yaml", "domains: { shop: { owner: sales } }\nteams: { sales: {} }\n"),
        ("topics/order.yaml", "topic: shop.order.v1\ndescription: One order.\n"),
    ]);
    let check = ["catalog", "--check"];
    scratch.run(&check).ended(3).says(&["docs/event-catalog.md is not there", "busctl catalog"]);
    scratch.run(&["catalog"]).ended(0);
    let written = scratch.read("docs/event-catalog.md");
    assert!(written.contains("shop.order.v1") && written.contains("One order."), "{written}");
    scratch.run(&check).ended(0);
    // Always the same text.
    scratch.run(&["catalog"]).ended(0);
    assert_eq!(scratch.read("docs/event-catalog.md"), written);

    scratch.edit("topics/order.yaml", "One order.", "One order of a customer.");
    scratch.run(&check).ended(3).says(&["is not up to date"]);
    assert_eq!(scratch.read("docs/event-catalog.md"), written);
    scratch.run(&["catalog", "--output", "elsewhere/list.md"]).ended(0);
    assert!(scratch.read("elsewhere/list.md").contains("One order of a customer."));

    // What cannot be read whole is not written in part.
    scratch.write("topics/broken.yaml", "topik: a\n");
    scratch.run(&["catalog"]).ended(3).says(&["BUS004"]);
    scratch.run(&["catalog", "--check"]).ended(3).says(&["BUS004"]);
    assert_eq!(scratch.read("docs/event-catalog.md"), written);
}

#[test]
fn the_catalog_of_the_repository_is_up_to_date() {
    let mut command = crate::support::workspace::busctl();
    command.args(["catalog", "--check"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    crate::support::workspace::start(command).wait().ended(0);
}
