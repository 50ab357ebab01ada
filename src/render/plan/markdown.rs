pub(super) fn render(_plan: &crate::plan::Plan) -> String {
    String::new()
}
