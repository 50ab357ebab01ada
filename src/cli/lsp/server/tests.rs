use std::fs;

use super::*;

#[test]
fn a_bug_in_one_answer_is_told_and_the_next_one_is_given() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join(disk::SETTINGS_FILE);
    fs::write(&path, "version: 1\n").expect("settings");
    let (sender, events) = mpsc::channel();
    let mut server = Server::new(Some(folder.path()), |_, _, _, _, _, _| panic!("a bug"), sender);
    server.initialize(&Value::Null);
    assert!(server.sessions[0].check_if_due());
    let Ok(Event::Checked(_, known)) = events.recv() else { panic!("it is checked") };
    server.sessions[0].checked(*known);
    let root = server.sessions[0].root.clone();
    let hover = |id: i32| {
        let position = json!({ "line": 0, "character": 0 });
        let uri = uri::of_path(&root.join(disk::SETTINGS_FILE));
        let params = json!({ "textDocument": { "uri": uri }, "position": position });
        Request::new(id.into(), "textDocument/hover".to_owned(), params)
    };
    let mut answer = |id| {
        let response = server.response(hover(id)).expect("an answer");
        assert_eq!(response.id, id.into());
        response.response_result
    };
    let error = answer(1).expect_err("a bug");
    assert_eq!(error.code, ErrorCode::InternalError as i32);
    assert!(error.message.starts_with("`textDocument/hover` came upon a bug"), "{}", error.message);
    assert_eq!(answer(2).expect_err("the bug again").code, ErrorCode::InternalError as i32);
    server.answer = |_, _, _, _, _, _| json!("well");
    assert_eq!(server.response(hover(3)).map(|response| response.response_result.ok()), Some(Some(json!("well"))));
}
