//! The direction of dependencies and the purity of the core, held by reading the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the innermost on; a room uses those of its own row and of the rows above.
const ROWS: [&[&str]; 6] = [
    &["diag", "source"],
    &["model"],
    &["schema", "policy", "ports", "resources", "plan"],
    &["apply", "catalog", "dlq", "import", "lsp", "render"],
    &["adapters", "localbus"],
    &["cli"],
];

/// Rooms that take values and return values.
const PURE: [&str; 10] = ["source", "diag", "model", "schema", "policy", "plan", "render", "catalog", "import", "lsp"];

/// What a pure room never names.
const IMPURE: [&str; 8] =
    ["tokio::", "std::fs", "std::env", "std::net", "std::process", "SystemTime::now", "Instant::now", "println!"];

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("read the folder") {
        let path = entry.expect("read the entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Every source with the room that it lies in.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files
        .into_iter()
        .filter_map(|path| {
            let room = path.strip_prefix(&root).ok()?.components().next()?.as_os_str().to_str()?;
            let room = room.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).expect("read the source");
            (!matches!(room.as_str(), "lib" | "main")).then_some((room, path, text))
        })
        .collect()
}

fn row(room: &str) -> usize {
    ROWS.iter().position(|row| row.contains(&room)).unwrap_or_else(|| panic!("`{room}` stands in no row"))
}

#[test]
fn dependencies_point_one_way() {
    let mut wrong = Vec::new();
    for (room, path, text) in rooms() {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for used in code.split("crate::").skip(1) {
                let used = used.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap_or_default();
                let known = ROWS.iter().any(|row| row.contains(&used));
                if known && row(used) > row(&room) {
                    wrong.push(format!("{}:{}: {room} uses {used}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_know_no_disk_network_environment_or_clock() {
    let mut wrong = Vec::new();
    for (room, path, text) in rooms() {
        if !PURE.contains(&room.as_str()) {
            continue;
        }
        // Tests may read what they like.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let in_tests = path.components().any(|part| part.as_os_str() == "tests")
            || path.file_name().is_some_and(|name| name == "tests.rs");
        for (number, line) in code.lines().enumerate().filter(|_| !in_tests) {
            let line = line.split("//").next().unwrap_or_default();
            if let Some(impure) = IMPURE.iter().find(|impure| line.contains(**impure)) {
                wrong.push(format!("{}:{}: {room} names {impure}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn client_libraries_stay_in_their_adapters() {
    let homes: [(&str, &[&str]); 4] = [
        ("krafka::", &["adapters", "localbus"]),
        ("object_store::", &["adapters"]),
        ("rdkafka::", &["adapters"]),
        ("reqwest::", &["adapters", "localbus"]),
    ];
    let mut wrong = Vec::new();
    for (room, path, text) in rooms() {
        for (library, allowed) in homes {
            if text.contains(library) && !allowed.contains(&room.as_str()) {
                wrong.push(format!("{}: {library}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All else is safe by the compiler's own word.
#[test]
fn one_file_alone_is_unsafe() {
    let is_unsafe =
        |text: &str| text.lines().any(|line| line.split("//").next().is_some_and(|it| it.contains("unsafe {")));
    let files: Vec<PathBuf> =
        rooms().into_iter().filter(|(.., text)| is_unsafe(text)).map(|(_, path, _)| path).collect();
    assert!(matches!(&files[..], [one] if one.ends_with("adapters/kafka/data/openssl.rs")), "{files:?}");
    // The compiler refuses what no attribute lets in.
    let lets_in: Vec<PathBuf> =
        rooms().into_iter().flat_map(|(_, path, text)| vec![path; text.matches("(unsafe_code").count()]).collect();
    assert!(matches!(&lets_in[..], [one] if one.ends_with("adapters/kafka/data/mod.rs")), "{lets_in:?}");
}

/// Findings show lines of files, in which secrets may stand; `File::without_secrets` has stars in their place.
#[test]
fn what_is_shown_of_a_file_is_without_its_secrets() {
    let shown = rooms().into_iter().filter(|(room, ..)| room == "render");
    let wrong: Vec<String> = shown
        .filter(|(_, _, text)| text.contains("file.text") || text.contains("source.text"))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
