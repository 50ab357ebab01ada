use std::os::unix::fs::PermissionsExt;

use super::*;

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join(SETTINGS_FILE), "version: 1\n").expect("settings");
    fs::create_dir(folder.path().join("topics")).expect("topics");
    folder
}

fn problem_at(files: &WorkspaceFiles, path: &str) -> String {
    match files.texts.get(Path::new(path)) {
        Some(Err(problem)) => problem.message.clone(),
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn what_cannot_be_read_is_named_and_does_not_stop_the_rest() {
    let folder = workspace();
    let topics = folder.path().join("topics");
    fs::write(topics.join("good.yaml"), "topic: a\n").expect("write");
    fs::write(topics.join("latin.yaml"), b"topic: caf\xe9\n").expect("write");
    fs::create_dir(topics.join("folder.yaml")).expect("folder");
    File::create(topics.join("huge.yaml")).and_then(|file| file.set_len(100 << 20)).expect("huge");
    std::os::unix::fs::symlink("nowhere.yaml", topics.join("broken.yaml")).expect("link");
    std::os::unix::fs::symlink("..", topics.join("loop")).expect("link");
    fs::create_dir_all(folder.path().join("docs/adr")).expect("docs");
    fs::write(folder.path().join("docs/adr/0001.md"), "").expect("write");
    let files = read_workspace(folder.path());
    assert!(files.documents.contains(Path::new("docs/adr/0001.md")));
    assert!(files.texts[Path::new("topics/good.yaml")].is_ok());
    assert_eq!(problem_at(&files, "topics/latin.yaml"), "the file is not UTF-8 (line 1, byte 10)");
    assert_eq!(problem_at(&files, "topics/folder.yaml"), "this is a folder where a file should be");
    assert_eq!(problem_at(&files, "topics/huge.yaml"), "the file is larger than 1 MiB");
    assert_eq!(problem_at(&files, "topics/broken.yaml"), "there is no such file");
    assert_eq!(problem_at(&files, "topics/loop"), "this link leads back to a folder that it lies in");
}

#[test]
fn a_file_is_replaced_in_one_step() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("deep/file.txt");
    write_atomically(&path, b"one").expect("write");
    write_atomically(&path, b"two").expect("write");
    assert_eq!(fs::read_to_string(&path).expect("read"), "two");
    assert_eq!(fs::read_dir(path.parent().expect("parent")).expect("list").count(), 1);
}

#[test]
fn what_is_its_owners_alone_is_so_whatever_it_was_before_and_a_pipe_takes_it_too() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("plan.json");
    fs::write(&path, "before").expect("write");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("mode");
    write_for_owner(&path, b"after").expect("write");
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&path).expect("read"), "after");
    assert_eq!(fs::read_dir(folder.path()).expect("list").count(), 1, "no temporary file stays");
    write_for_owner(Path::new("/dev/null"), b"after").expect("write");
}

#[test]
fn several_files_are_written_or_none() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path();
    fs::write(root.join("old"), "before").expect("write");
    fs::create_dir(root.join("folder")).expect("folder");
    let files = [("old", "after"), ("new", "text"), ("folder", "text")];
    let files = files.map(|(path, text)| (Path::new(path), text));
    let (path, _) = write_together(root, &files).expect_err("a folder is no file");
    assert_eq!(path, Path::new("folder"));
    assert_eq!(fs::read_to_string(root.join("old")).expect("read"), "before");
    assert!(!root.join("new").exists());
    assert_eq!(fs::read_dir(root).expect("list").count(), 2, "no temporary file stays");
    write_together(root, &files[..2]).expect("write");
    assert_eq!(fs::read_to_string(root.join("old")).expect("read"), "after");
    assert_eq!(fs::read_to_string(root.join("new")).expect("read"), "text");
}

#[test]
fn nothing_is_written_through_a_link_out_of_the_workspace() {
    let (folder, outside) = (workspace(), tempfile::tempdir().expect("outside"));
    let root = folder.path();
    let outside = outside.path().canonicalize().expect("its path");
    fs::write(outside.join("there.yaml"), "before").expect("write");
    std::os::unix::fs::symlink(&outside, root.join("topics/out")).expect("link");
    for path in ["topics/out/there.yaml", "topics/out/new.yaml", "topics/out/deep/new.yaml"] {
        let error = rewrite(root, Path::new(path), "after").expect_err(path).to_string();
        let said = format!("the link leads out of the workspace, to {}", outside.display());
        assert!(error.starts_with(&said), "{error}");
    }
    assert_eq!(fs::read_to_string(outside.join("there.yaml")).expect("read"), "before");
    assert_eq!(fs::read_dir(&outside).expect("list").count(), 1);
    // Within the workspace it is followed, and what is new has its folders made.
    fs::create_dir(root.join("shared")).expect("folder");
    std::os::unix::fs::symlink("../shared", root.join("topics/in")).expect("link");
    rewrite(root, Path::new("topics/in/deep/new.yaml"), "after").expect("write");
    assert_eq!(fs::read_to_string(root.join("shared/deep/new.yaml")).expect("read"), "after");
}

#[test]
fn a_byte_order_mark_stays_and_none_is_made() {
    let folder = workspace();
    let path = folder.path().join("topics/a.yaml");
    for before in ["\u{feff}a: 1\n", "a: 1\n"] {
        fs::write(&path, before).expect("write");
        rewrite(folder.path(), Path::new("topics/a.yaml"), "a: 2\n").expect("write");
        assert_eq!(fs::read_to_string(&path).expect("read"), before.replace('1', "2"));
    }
}

#[test]
fn a_file_with_two_names_is_written_once() {
    let folder = workspace();
    let root = folder.path();
    fs::write(root.join("topics/a.yaml"), "before").expect("write");
    std::os::unix::fs::symlink("a.yaml", root.join("topics/b.yaml")).expect("link");
    let [a, b] = ["topics/a.yaml", "topics/b.yaml"].map(Path::new);
    write_together(root, &[(a, "after"), (b, "after")]).expect("write");
    assert_eq!(fs::read_to_string(root.join(a)).expect("read"), "after");
    let (path, error) = write_together(root, &[(a, "one"), (b, "two")]).expect_err("two texts");
    assert_eq!(path, b);
    assert!(error.to_string().ends_with("a.yaml would get two texts"), "{error}");
    assert_eq!(fs::read_to_string(root.join(a)).expect("read"), "after");
    assert_eq!(fs::read_dir(root.join("topics")).expect("list").count(), 2, "no temporary file stays");
}
