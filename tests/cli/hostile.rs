//! Files that are broken or made to do harm: a clear error, and neither a crash, nor a hang, nor much memory.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::support::workspace::{Run, Scratch};

/// What no run may need. A small workspace takes a tenth of it.
const MOST_MEMORY: u64 = 150 << 20;

/// Runs `validate` and holds it to its bounds.
#[track_caller]
fn validate(scratch: &Scratch) -> Run {
    let mut child = scratch.command(&["validate"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let (sender, ended) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if ended
            .recv_timeout(Duration::from_secs(60))
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            crate::support::workspace::signal(pid, "KILL");
        }
    });
    let started = Instant::now();
    let (mut out, mut err) = (String::new(), String::new());
    let mut errors = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        errors.read_to_string(&mut err).unwrap();
        err
    });
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    let used = child.wait4().unwrap();
    drop(sender);
    watchdog.join().unwrap();
    let run = Run { code: used.status.code(), out, err: reader.join().unwrap() };
    assert!(run.code.is_some(), "hung or crashed after {:?}: {run:#?}", started.elapsed());
    assert!(used.rusage.maxrss < MOST_MEMORY, "took {} MiB", used.rusage.maxrss >> 20);
    run.without_panic().ended(3)
}

#[test]
fn a_bomb_of_aliases_is_defused() {
    let scratch = Scratch::new();
    let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    scratch.write("topics/bomb.yaml", &bomb);
    scratch.write("topics/good.yaml", "topik: x\n");
    let run = validate(&scratch).shows(&["topics/bomb.yaml", "unfolds to more than 200000 values", "aliases multiply"]);
    // The other files are read all the same.
    run.shows(&["topics/good.yaml:1:1"]);
    // Also through merge keys.
    let mut bomb = String::from("a0: &a0 { k: v }\n");
    for level in 1..60 {
        let last = level - 1;
        bomb.push_str(&format!("a{level}: &a{level} {{ x: *a{last}, y: *a{last}, <<: [*a{last}, *a{last}] }}\n"));
    }
    scratch.write("topics/bomb.yaml", &bomb);
    validate(&scratch).shows(&["topics/bomb.yaml"]);
}

#[test]
fn nesting_without_end_is_refused() {
    let scratch = Scratch::new();
    scratch.write("topics/deep.yaml", "[".repeat(500_000));
    scratch.write(
        "topics/block.yaml",
        (0..5000).map(|depth| format!("{}a:\n", " ".repeat(depth % 600))).collect::<String>(),
    );
    scratch.write("topics/dashes.yaml", "- ".repeat(400_000));
    scratch.write("catalog/deep.yaml", format!("domains: {}", "{ a: ".repeat(100_000)));
    scratch.write("schemas/shop/deep.yaml", "subject: shop.deep\nschema: deep.avsc\n");
    scratch.write("schemas/shop/deep.avsc", format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)));
    scratch.write("schemas/shop/json.yaml", "subject: shop.json\nschema: json.json\n");
    scratch.write("schemas/shop/json.json", format!("{}1{}", "{\"a\":".repeat(200_000), "}".repeat(200_000)));
    scratch.write("schemas/shop/proto.yaml", "subject: shop.proto\nschema: proto.proto\n");
    scratch.write("schemas/shop/proto.proto", format!("syntax = \"proto3\";\n{}", "message A { ".repeat(50_000)));
    validate(&scratch).shows(&[
        "topics/deep.yaml",
        "topics/dashes.yaml",
        "catalog/deep.yaml",
        "schemas/shop/deep.avsc",
        "schemas/shop/json.json",
        "schemas/shop/proto.proto",
    ]);
}

#[test]
fn files_that_are_far_too_large_are_not_read() {
    let scratch = Scratch::new();
    for file in ["topics/huge.yaml", "clusters/huge.yaml", "schemas/shop/huge.avsc"] {
        scratch.write(file, "");
        // Holes: they cost no disk, and reading them would cost memory.
        File::options().write(true).open(scratch.path(file)).unwrap().set_len(100 << 20).unwrap();
    }
    validate(&scratch).shows(&[
        "topics/huge.yaml",
        "clusters/huge.yaml",
        "schemas/shop/huge.avsc",
        "the file is larger than 1 MiB",
        "the file is larger than 16 MiB",
    ]);
    let scratch = Scratch::new();
    File::options().write(true).open(scratch.path("busctl.yaml")).unwrap().set_len(100 << 20).unwrap();
    validate(&scratch).shows(&["busctl.yaml", "the file is larger than 1 MiB"]);
}

#[test]
fn what_is_no_text_or_no_file_is_said() {
    let scratch = Scratch::new();
    scratch.write("topics/latin.yaml", b"topic: caf\xe9\n");
    scratch.write("topics/nul.yaml", b"topic: a\0b\n");
    scratch.write("topics/wide.yaml", b"\xff\xfet\0o\0p\0i\0c\0");
    scratch.write("schemas/shop/latin.yaml", "subject: shop.latin\nschema: latin.avsc\n");
    scratch.write("schemas/shop/latin.avsc", b"\"caf\xe9\"");
    std::fs::create_dir_all(scratch.path("topics/folder.yaml")).unwrap();
    std::os::unix::fs::symlink("../topics", scratch.path("topics/loop")).unwrap();
    std::os::unix::fs::symlink("itself.yaml", scratch.path("topics/itself.yaml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", scratch.path("topics/zero.yaml")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(scratch.path("topics/pipe.yaml")).status().unwrap();
    assert!(pipe.success());
    validate(&scratch).shows(&[
        "topics/latin.yaml",
        "the file is not UTF-8 (line 1, byte 10)",
        "topics/nul.yaml",
        "topics/wide.yaml",
        "schemas/shop/latin.avsc",
        "topics/folder.yaml",
        "this is a folder where a file should be",
        "topics/loop",
        "this link leads back to a folder that it lies in",
        "topics/itself.yaml",
        "topics/zero.yaml",
        "this is not a regular file",
        "topics/pipe.yaml",
    ]);
}

#[test]
fn settings_that_are_a_folder_are_said() {
    let scratch = Scratch::new();
    scratch.remove("busctl.yaml");
    std::fs::create_dir(scratch.path("busctl.yaml")).unwrap();
    validate(&scratch).shows(&["busctl.yaml", "this is a folder where a file should be"]);
}

#[test]
fn what_would_move_the_cursor_is_shown_and_not_sent() {
    let scratch = Scratch::new();
    scratch.write("topics/evil.yaml", "\"topik\\e[2J\\e]0;owned\\a\": \"x\\u202Ey\"\n");
    let run = validate(&scratch);
    assert!(!run.out.contains('\x1b') && !run.out.contains('\u{202e}') && !run.out.contains('\x07'), "{:?}", run.out);
}
