use super::samples::shown_topic;
use crate::render::{Format, Style, View};

#[test]
fn a_topic_in_a_terminal() {
    insta::assert_snapshot!(shown_topic().render(Format::Text, Style::PLAIN));
}

#[test]
fn a_topic_as_json_and_markdown() {
    let topic = shown_topic();
    insta::assert_snapshot!(format!("{}\n{}", topic.json(), topic.markdown()));
}
