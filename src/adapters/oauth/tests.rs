use super::*;

fn jwt(claims: &str) -> Secret {
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    Secret::new(format!("{}.{}.c2ln", encode(r#"{"alg":"RS256"}"#), encode(claims)))
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn granted(claims: &str, expires_in: Option<u64>) -> Granted {
    Granted { access_token: jwt(claims), expires_in, refresh_token: None }
}

#[test]
fn a_token_is_replaced_before_it_is_over() {
    let token = granted(r#"{"exp":4600}"#, Some(3600)).token(at(1000), "https://i").expect("a token");
    assert_eq!(token.expires, at(4600));
    assert!(token.is_fresh(at(4569)));
    assert!(!token.is_fresh(at(4570)));
    let own = granted(r#"{"exp":1010}"#, Some(3600)).token(at(1000), "https://i").expect("a token");
    assert_eq!(own.expires, at(1010), "servers look at it");
    let short = granted("{}", Some(8)).token(at(1000), "https://i").expect("a token");
    assert!(short.is_fresh(at(1005)) && !short.is_fresh(at(1006)));
}

#[test]
fn a_token_whose_life_nobody_tells_says_it_itself_or_is_fetched_again_soon() {
    let told = granted(r#"{"exp":2000}"#, None).token(at(1000), "https://i").expect("a token");
    assert_eq!(told.expires, at(2000));
    let opaque = Granted { access_token: Secret::new("opaque"), expires_in: None, refresh_token: None };
    assert_eq!(opaque.token(at(1000), "https://i").expect("a token").expires, at(1300));
}

#[test]
fn clocks_that_differ_are_told() {
    for (claims, told) in [
        (r#"{"exp":500}"#, "is over since 1970-01-01T00:08:20.000Z by the clock here"),
        (r#"{"nbf":5000,"exp":9000}"#, "begins at 1970-01-01T01:23:20.000Z by the clock here"),
    ] {
        let failure = granted(claims, Some(60)).token(at(1000), "https://i").expect_err(claims);
        assert!(failure.answer.contains(told), "{failure}");
        assert!(failure.hint.is_some_and(|hint| hint.contains("clocks")));
    }
    // A few seconds are nothing.
    granted(r#"{"nbf":1050,"exp":9000}"#, Some(60)).token(at(1000), "https://i").expect("a token");
}

#[test]
fn claims_are_read_of_tokens_alone_that_have_some() {
    assert_eq!(
        Claims::of(&jwt(r#"{"sub":"ada"}"#)).and_then(|it| it.text("sub").map(str::to_owned)),
        Some("ada".into())
    );
    for odd in ["", "opaque", "a.b", "a.b.c", "a.b.c.d", "....", "e30.W10.x", "e30.eyJleHAiOi0xfQ.x"] {
        let claims = Claims::of(&Secret::new(odd));
        assert!(claims.is_none_or(|claims| claims.expires().is_none()), "{odd}");
    }
}

fn login() -> PersonalLogin {
    PersonalLogin {
        issuer: "https://issuer.example".into(),
        client_id: "busctl".into(),
        scope: Some("openid".into()),
        resource: None,
        ca: None,
    }
}

fn kept_login() -> KeptLogin {
    KeptLogin {
        access_token: Secret::new("the-token"),
        granted: at(1000),
        expires: at(4600),
        refresh_token: Some(Secret::new("the-refresh-token")),
    }
}

#[tokio::test]
async fn a_login_is_kept_where_its_owner_alone_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let logins = Logins::in_folder(folder.path().join("state/logins"));
    let (login, kept) = (login(), kept_login());
    assert!(!logins.has(&login));
    let locked = logins.locked(&login).await.expect("a lock");
    assert_eq!(locked.read().expect("it can be read"), None);
    locked.write(&kept).expect("it can be written");
    assert_eq!(locked.read().expect("it can be read"), Some(kept.clone()));
    let file = logins.file(&login);
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().expect("a folder")), 0o700);
    assert!(!format!("{kept:?}").contains("the-"), "{kept:?}");
    // Another scope is another login.
    assert!(!logins.has(&PersonalLogin { scope: None, ..login.clone() }));

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    let failure = locked.read().expect_err("others may read it");
    assert!(failure.answer.contains("0640"), "{failure}");
    std::fs::remove_file(&file).expect("it can be removed");
    std::fs::write(&file, "{}").expect("it can be written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    assert_eq!(locked.read().expect_err("it is no login").answer, "it is no login");
    // What a crash leaves in the middle of writing.
    let left = file.with_extension("tmp");
    std::fs::write(&left, "the-next-token").expect("it can be written");
    assert!(locked.remove().expect("it can be removed"));
    assert!(!left.exists());
    assert!(!locked.remove().expect("it is gone"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_before_the_login() {
    let folder = tempfile::tempdir().expect("a folder");
    let logins = Logins::in_folder(folder.path().to_owned());
    let locked = logins.locked(&login()).await.expect("a lock");
    locked.can_be_written().expect("it can");
    assert!(!logins.file(&login()).with_extension("tmp").exists());
    // A folder in the way is in everybody's way, also in root's.
    std::fs::create_dir(logins.file(&login()).with_extension("tmp")).expect("a folder");
    let failure = locked.can_be_written().expect_err("it cannot");
    assert!(failure.hint.is_some_and(|hint| hint.contains("BUSCTL_STATE_DIR")));
}

#[test]
fn a_login_is_kept_that_was_refreshed_into_a_token_of_another_clock() {
    let refreshed = Granted { refresh_token: Some(Secret::new("the-next-one")), ..granted(r#"{"exp":500}"#, Some(60)) };
    let before = Secret::new("the-refresh-token");
    let (kept, judged) = refreshed.kept(at(1000), Some(&before), &login());
    assert!(judged.expect_err("the clocks differ").answer.contains("is over since"));
    assert_eq!(kept.refresh_token, Some(Secret::new("the-next-one")));
    // It is refreshed again before it is used.
    assert!(!kept.token().is_fresh(at(1000)));
    assert_eq!(kept.token().used_on(at(1000)), None);

    let (kept, judged) = granted(r#"{"exp":9000}"#, Some(60)).kept(at(1000), Some(&before), &login());
    assert_eq!(judged.expect("it is good"), kept);
    assert_eq!(kept.refresh_token, Some(before));
}

#[test]
fn a_token_that_is_good_is_used_on_until_it_is_over() {
    let token = granted("{}", Some(3600)).token(at(1000), "https://i").expect("a token");
    let used = token.clone().used_on(at(4580)).expect("it is good for 20 seconds");
    assert_eq!((used.expires, used.renew), (at(4600), at(4585)));
    assert_eq!(token.clone().used_on(at(4598)).expect("it is good").renew, at(4600));
    assert_eq!(token.used_on(at(4600)), None);
}

#[tokio::test]
async fn two_at_once_wait_for_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let logins = Logins::in_folder(folder.path().to_owned());
    let first = logins.locked(&login()).await.expect("a lock");
    let second = {
        let logins = logins.clone();
        tokio::spawn(async move { logins.locked(&login()).await.map(|locked| locked.read()) })
    };
    first.write(&kept_login()).expect("it can be written");
    drop(first);
    let read = second.await.expect("no panic").expect("a lock").expect("it can be read");
    assert_eq!(read, Some(kept_login()));
}

#[tokio::test]
async fn one_that_keeps_a_login_for_itself_is_told_by_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let logins = Logins::in_folder(folder.path().to_owned()).within(Duration::from_millis(10));
    let _first = logins.locked(&login()).await.expect("a lock");
    let failure = logins.locked(&login()).await.err().expect("it is taken");
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.server, logins.file(&login()).with_extension("lock").display().to_string());
}
