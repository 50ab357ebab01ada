//! The event catalog of a small workspace that holds everything that is hard to show, and of the sample workspace.

mod links;
mod order;

use std::path::{Path, PathBuf};

use busctl::adapters::disk::read_workspace;
use busctl::resources::{Workspace, WorkspaceFiles, load};

fn files(root: &str) -> WorkspaceFiles {
    read_workspace(&Path::new(env!("CARGO_MANIFEST_DIR")).join(root))
}

const SMALL: &str = "tests/event_catalog/workspace";

fn workspace(root: &str) -> Workspace {
    let (workspace, findings) = load(files(root));
    assert!(findings.is_empty(), "{findings:#?}");
    workspace
}

#[test]
fn a_small_bus_is_shown_whole() {
    insta::assert_snapshot!(busctl::catalog::markdown(&workspace(SMALL)));
}

#[test]
fn the_page_in_docs_is_that_of_the_manifests() {
    let written = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(busctl::catalog::PATH));
    let written = written.expect("docs/event-catalog.md can be read");
    assert!(written == busctl::catalog::markdown(&workspace(".")), "it is stale: run `busctl catalog`");
}

#[test]
fn an_empty_workspace_has_a_catalog() {
    let page = busctl::catalog::markdown(&Workspace::default());
    assert!(page.contains("There is no topic yet."));
    assert_eq!(links::broken(&page, &[]), Vec::<String>::new());
}

#[test]
fn each_topic_service_role_team_and_domain_is_shown() {
    for root in [SMALL, "."] {
        let workspace = workspace(root);
        let page = busctl::catalog::markdown(&workspace);
        let headings = links::headings(&page);
        let catalog = &workspace.catalog;
        let names = workspace.topics.keys().map(|name| name.to_string());
        let names =
            names.chain(catalog.services.keys().chain(catalog.roles.keys()).chain(catalog.teams.keys()).cloned());
        for name in names.chain(catalog.domains.keys().map(|name| format!("Domain {name}"))) {
            assert!(headings.contains(&name), "{root}: no heading `{name}`");
        }
    }
}

#[test]
fn each_link_leads_somewhere() {
    for root in [SMALL, "."] {
        let page = busctl::catalog::markdown(&workspace(root));
        let files = files(root);
        let files: Vec<PathBuf> = files.texts.into_keys().chain(files.documents).collect();
        assert_eq!(links::broken(&page, &files), Vec::<String>::new(), "{root}");
    }
}

#[test]
fn nothing_of_a_manifest_becomes_html_or_a_cell() {
    let page = busctl::catalog::markdown(&workspace(SMALL));
    let mut columns = None;
    for line in page.lines() {
        assert!(
            !line.contains("<b>") && !line.contains("<script") && !line.contains("<i>") || line.contains('`'),
            "{line}"
        );
        let cells = line.starts_with('|').then(|| line.replace("\\\\", "").replace("\\|", "").matches('|').count());
        if let (Some(before), Some(now)) = (columns, cells) {
            assert_eq!(before, now, "{line}");
        }
        columns = cells;
    }
}

#[test]
fn a_large_domain_has_a_flow_for_each_topic() {
    let mut text = String::from("topic: big.base.v1\nconsumers: [{ service: reader, dlq: true }]\n");
    text.push_str("---\ntopic: big.base.v1.reader.dlq\nproducers: [reader]\n");
    for number in 0..100 {
        text.push_str(&format!("---\ntopic: big.event_{number}.v1\nproducers: [writer]\nconsumers: [reader]\n"));
    }
    let mut files = WorkspaceFiles::default();
    files.texts.insert("topics/big.yaml".into(), Ok(text.into()));
    let (workspace, findings) = load(files);
    assert!(findings.is_empty(), "{findings:#?}");
    let page = busctl::catalog::markdown(&workspace);
    let flows = links::flows(&page);
    assert_eq!(flows.len(), 101, "one for each topic that is not for dead letters");
    assert!(flows.iter().all(|flow| flow.lines().count() < 15));
    assert!(flows.iter().any(|flow| flow.contains("s_reader -.-> t_big_base_v1_reader_dlq")));
}

#[test]
fn flows_declare_every_node_once_and_draw_only_declared_ones() {
    for root in [SMALL, "."] {
        let page = busctl::catalog::markdown(&workspace(root));
        let flows = links::flows(&page);
        assert!(!flows.is_empty());
        for flow in flows {
            links::check_flow(flow);
        }
    }
}
