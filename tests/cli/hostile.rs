//! Files that are broken or made to do harm: a clear error, and neither a crash, nor a hang, nor much memory.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::memory::Peak;
use crate::support::secrets::Watch;
use crate::support::workspace::{Run, Scratch};

/// What no run may need. A small workspace takes a tenth of it.
const MOST_MEMORY: u64 = 150 << 20;

/// What no comparison of schemas may need, where they are as large as they may be.
const MOST_MEMORY_FOR_LARGE: u64 = 400 << 20;

/// Runs `validate` and holds it to its bounds.
#[track_caller]
fn validate(scratch: &Scratch) -> Run {
    run(scratch, &["validate"], MOST_MEMORY).ended(3)
}

/// Runs the program and holds it to its bounds.
#[track_caller]
pub fn run(scratch: &Scratch, arguments: &[&str], most_memory: u64) -> Run {
    let mut command = scratch.command(arguments);
    let watch = Watch::over(&command);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let peak = Peak::of(pid);
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
    let status = child.wait().unwrap();
    let memory = peak.bytes();
    drop(sender);
    watchdog.join().unwrap();
    let run = Run { code: status.code(), out, err: reader.join().unwrap() };
    assert!(run.code.is_some(), "hung or crashed after {:?}: {run:#?}", started.elapsed());
    assert!(memory < most_memory, "took {} MiB", memory >> 20);
    watch.check(&[run.out.as_bytes(), run.err.as_bytes()]);
    run.without_panic()
}

/// Compares two schemas of a workspace.
#[track_caller]
fn check(scratch: &Scratch, old: &str, new: &str) -> Run {
    run(scratch, &["schema", "check", "--old", old, "--new", new], MOST_MEMORY_FOR_LARGE)
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
fn links_are_followed_within_the_workspace_alone() {
    let outside = Scratch::with(&[("topics/away.yaml", "topik: away\n"), ("secret.yaml", "password\n")]);
    let scratch = Scratch::with(&[("shared/linked.yaml", "topik: x\n"), ("shared/sample.json", "{")]);
    let link = |to: &std::path::Path, name: &str| {
        let path = scratch.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
    };
    link(&outside.path("topics"), "topics/away");
    link(&outside.path("secret.yaml"), "topics/secret.yaml");
    link(&outside.path("topics"), "schemas/shop/fixtures/shop.order.v1");
    scratch.write(".env", "TOKEN=hidden-one\n");
    link("../.env".as_ref(), "topics/env.yaml");
    link("../shared".as_ref(), "topics/shared");
    link("../shared/linked.yaml".as_ref(), "topics/file.yaml");
    // Twice as many ways from each to the next.
    for level in 0..40 {
        let next = format!("../d{}", level + 1);
        link(next.as_ref(), &format!("topics/d{level}/x"));
        link(next.as_ref(), &format!("topics/d{level}/y"));
    }
    scratch.write("topics/d40/last.yaml", "topik: x\n");
    let run = validate(&scratch).shows(&[
        "topics/away",
        "topics/secret.yaml",
        "topics/env.yaml",
        "schemas/shop/fixtures/shop.order.v1",
        "this link leads out of the workspace",
        "topics/shared/linked.yaml:1:1",
        "topics/file.yaml:1:1",
        "more than 100 ways through links lead to this folder",
    ]);
    assert!(
        !run.out.contains("password") && !run.out.contains("hidden-one") && !run.out.contains("away.yaml"),
        "{}",
        run.out
    );
    let run = self::run(&scratch, &["schema", "test"], MOST_MEMORY).ended(3);
    run.shows(&["schemas/shop/fixtures/shop.order.v1", "this link leads out of the workspace"]);
}

/// Each is compared with all others where nobody takes care.
#[test]
fn many_of_a_kind_in_one_manifest_have_an_end() {
    let many = |line: &dyn Fn(usize) -> String| (0..20_000).map(line).collect::<String>();
    let scratch = Scratch::with(&[
        ("catalog/secrets.yaml", &many(&|number| format!("# password: zqjw{number}\n"))),
        ("catalog/keys.yaml", &many(&|number| format!("key{number}: 1\n"))),
        (
            "catalog/merges.yaml",
            &format!("base: &base {{ a: 1 }}\nservices:\n  x:\n    <<: [{}]\n", "*base, ".repeat(20_000)),
        ),
    ]);
    let run = validate(&scratch);
    assert!(run.out.contains("BUS640") && !run.out.contains("zqjw"), "{}", &run.out[..2_000]);
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

#[test]
fn schemas_that_are_no_text_or_no_file_are_said() {
    let scratch = Scratch::with(&[("good.avsc", "\"int\""), ("marked.avsc", "\u{feff}\"int\"")]);
    scratch.write("latin.avsc", b"\"caf\xe9\"");
    std::fs::create_dir(scratch.path("folder.avsc")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", scratch.path("zero.avsc")).unwrap();
    for (file, size) in [("huge.avsc", 1 << 40), ("large.avsc", 11 << 20)] {
        // Holes: they cost no disk.
        File::create(scratch.path(file)).unwrap().set_len(size).unwrap();
    }
    for (file, code, said) in [
        ("latin.avsc", 3, "could not read latin.avsc: the file is not UTF-8 (line 1, byte 4)"),
        ("folder.avsc", 1, "could not read folder.avsc: this is a folder where a file should be"),
        ("zero.avsc", 3, "could not read zero.avsc: the file is larger than 16 MiB"),
        ("huge.avsc", 3, "could not read huge.avsc: the file is larger than 16 MiB"),
        ("large.avsc", 3, "the schema is larger than 10 MiB"),
        ("marked.avsc", 0, ""),
    ] {
        for arguments in [
            &["schema", "normalize", file][..],
            &["schema", "check", "--old", "good.avsc", "--new", file],
            &["schema", "check", "--old", file, "--new", "good.avsc"],
        ] {
            let run = run(&scratch, arguments, MOST_MEMORY).ended(code);
            assert!(run.out.contains(said) || run.err.contains(said), "{arguments:?} {run:#?}");
        }
    }
    for arguments in [&["schema", "show", "latin.avsc"][..], &["schema", "diff", "good.avsc", "latin.avsc"]] {
        let run = run(&scratch, arguments, MOST_MEMORY).ended(3);
        assert!(run.err.contains("the file is not UTF-8"), "{arguments:?} {run:#?}");
    }
}

#[test]
fn questions_without_end_are_answered() {
    let scratch = Scratch::new();
    let question = r#"{"id":1,"format":"avro","old":"\"int\"","new":"\"long\""}"#;
    // Not made in memory: what this process has had counts as used by each program that it starts later.
    let mut pairs = File::create(scratch.path("pairs")).unwrap();
    write!(pairs, "{question}\n{{\"id\": 2, \"old\": ").unwrap();
    std::io::copy(&mut std::io::repeat(b'[').take(100 << 20), &mut pairs).unwrap();
    write!(pairs, "\n{question}").unwrap();
    let run = run(&scratch, &["schema", "check", "--pairs", "pairs"], 200 << 20).ended(64);
    assert_eq!(run.out.matches(r#"{"id":1,"valid":true,"compatible":true"#).count(), 2, "{}", run.out);
    assert!(run.out.contains(r#"{"id":2,"valid":false"#), "{}", run.out);
    assert!(run.err.contains("line 2: it is longer than 64 MiB"), "{}", run.err);
}

#[test]
fn deep_schemas_have_an_end() {
    let scratch = Scratch::with(&[("old.avsc", "\"int\""), ("old.json", "{}"), ("old.proto", "message A {}")]);
    let deep = |open: &str, leaf: &str, close: &str| format!("{}{leaf}{}", open.repeat(100_000), close.repeat(100_000));
    scratch.write("new.avsc", deep(r#"{"type":"array","items":"#, "\"int\"", "}"));
    scratch.write("new.json", deep(r#"{"not":"#, "{}", "}"));
    scratch.write("new.proto", deep("message A {", "", "}"));
    for (old, new) in [("old.avsc", "new.avsc"), ("old.json", "new.json"), ("old.proto", "new.proto")] {
        for (old, new) in [(old, new), (new, old)] {
            check(&scratch, old, new).ended(3).shows(&["inside each other", "new.", ":1:"]);
        }
        run(&scratch, &["schema", "normalize", new], MOST_MEMORY).ended(3).says(&["inside each other"]);
    }
}

/// Ten thousand fields, of which each has become another type.
#[test]
fn broad_schemas_are_compared() {
    let scratch = Scratch::new();
    let many = |field: &dyn Fn(usize) -> String| (1..=10_000).map(field).collect::<Vec<_>>();
    for (file, of) in [("old.avsc", "int"), ("new.avsc", "string")] {
        let fields = many(&|number| format!(r#"{{"name":"f{number}","type":"{of}"}}"#)).join(",\n");
        scratch.write(file, format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#));
    }
    for (file, of) in [("old.json", "integer"), ("new.json", "string")] {
        let properties = many(&|number| format!(r#""p{number}":{{"type":"{of}"}}"#)).join(",\n");
        scratch.write(file, format!(r#"{{"properties":{{{properties}}}}}"#));
    }
    for (file, of) in [("old.proto", "int32"), ("new.proto", "string")] {
        let fields = many(&|number| format!("{of} f{number} = {number};")).join("\n");
        scratch.write(file, format!("syntax = \"proto3\";\nmessage A {{ {fields} }}"));
    }
    for (old, new) in [("old.avsc", "new.avsc"), ("old.json", "new.json"), ("old.proto", "new.proto")] {
        // What nobody would read is counted; programs get all of it.
        let run = check(&scratch, old, new).ended(3).shows(&[&format!("{new}:50:"), "more; `--format json` lists all"]);
        assert!(run.out.lines().count() < 2_000, "{}", run.out.lines().count());
        let arguments = ["schema", "check", "--old", old, "--new", new, "--format", "json"];
        let run = self::run(&scratch, &arguments, MOST_MEMORY_FOR_LARGE).ended(3);
        let last = if new == "new.proto" { 10_001 } else { 10_000 };
        assert!(run.out.contains(&format!("\"line\": {last},")), "{new}");
        self::run(&scratch, &["schema", "normalize", new], MOST_MEMORY).ended(0);
    }
}

#[test]
fn schemas_that_refer_to_each_other_in_a_circle_have_an_end() {
    let scratch = Scratch::with(&[
        ("new.proto", "syntax = \"proto3\";\nimport \"a.proto\";\nmessage R {}"),
        ("a.proto", "syntax = \"proto3\"; import \"b.proto\"; message A {}"),
        ("b.proto", "syntax = \"proto3\"; import \"a.proto\"; message B {}"),
        ("new.json", r#"{"$ref":"a.json"}"#),
        ("a.json", r#"{"$ref":"b.json"}"#),
        ("b.json", r#"{"$ref":"a.json"}"#),
        ("new.avsc", r#""n.A""#),
        ("a.avsc", r#"{"type":"record","name":"n.A","fields":[{"name":"b","type":"n.B"}]}"#),
        ("b.avsc", r#"{"type":"record","name":"n.B","fields":[{"name":"a","type":"n.A"}]}"#),
    ]);
    for (extension, names, code, said) in [
        ("proto", ["a.proto", "b.proto"], 3, "imports itself"),
        // Registries take it, and it is compared.
        ("json", ["a.json", "b.json"], 0, "`validate` does not: `$ref` `a.json` leads back to itself"),
        ("avsc", ["n.A", "n.B"], 3, "is not defined"),
    ] {
        let new = format!("new.{extension}");
        let references: Vec<String> =
            names.iter().zip(["a", "b"]).map(|(name, file)| format!("{name}={file}.{extension}")).collect();
        let arguments = ["schema", "check", "--old", &new, "--new", &new];
        let arguments = arguments.into_iter().chain(["--reference", &references[0], "--reference", &references[1]]);
        run(&scratch, &arguments.collect::<Vec<_>>(), MOST_MEMORY).ended(code).shows(&[said, &new]);
    }
}

#[test]
fn patterns_that_would_take_for_ever_do_not() {
    let scratch = Scratch::new();
    let names = |count: usize| (0..count).map(|at| format!(r#""{}{at}!":{{"type":"string"}}"#, "a".repeat(5_000)));
    let properties = names(100).collect::<Vec<_>>().join(",");
    scratch.write("old.json", format!(r#"{{"properties":{{{properties}}},"additionalProperties":false}}"#));
    for pattern in
        ["^(a+)+$", "(a|aa)*b$", "^(a|a?)+$", "(?=(a+)+b)", "((((a{9}){9}){9}){9}){9}", r"(a*)*\\1b", "(.*.*)*=.*"]
    {
        let part = format!(r#""patternProperties":{{"{pattern}":{{"type":"integer"}}}}"#);
        scratch.write("new.json", format!(r#"{{{part},"properties":{{"a":{{"pattern":"{pattern}"}}}}}}"#));
        let run = check(&scratch, "old.json", "new.json");
        assert!(matches!(run.code, Some(0 | 3)), "{pattern}: {run:#?}");
    }
}
