//! Who follows the advice is refused no more.

use super::incompatibilities;
use crate::schema::protobuf::{ProtobufSchema, parse};

fn schema(body: &str) -> ProtobufSchema {
    parse(&format!("syntax = \"proto2\"; {body}"), &[]).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// A version, one that is refused, the code, the advice, and what becomes of it for who follows that.
const FOLLOWED: &[[&str; 5]] = &[
    [
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof o { int32 y = 2; } }",
        "ONEOF_FIELD_REMOVED",
        "keep the member, marked `deprecated`",
        "message A { oneof o { int32 x = 1 [deprecated = true]; int32 y = 2; } }",
    ],
    [
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof o { int32 y = 2; } oneof p { int32 x = 1; } }",
        "ONEOF_FIELD_REMOVED",
        "keep it in its oneof",
        "message A { oneof o { int32 x = 1; int32 y = 2; } oneof p { int32 z = 3; } }",
    ],
    [
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof o { int32 y = 2; string x = 1; } }",
        "FIELD_SCALAR_KIND_CHANGED",
        "keep `int32`; or give `string` a name and a number of its own, and keep `x` beside it, marked `deprecated`",
        "message A { oneof o { int32 x = 1 [deprecated = true]; int32 y = 2; string x2 = 3; } }",
    ],
    [
        "message A { oneof o { B x = 1; C y = 2; } } message B {} message C {}",
        "message A { oneof o { C x = 1; C y = 2; } } message B {} message C {}",
        "FIELD_NAMED_TYPE_CHANGED",
        "keep `B`; or give `C` a name and a number of its own, and keep `x` beside it, marked `deprecated`",
        "message A { oneof o { B x = 1 [deprecated = true]; C y = 2; C x2 = 3; } } message B {} message C {}",
    ],
    [
        "message A { oneof o { B x = 1; int32 y = 2; } } message B {}",
        "message A { oneof o { int32 x = 1; int32 y = 2; } } message B {}",
        "FIELD_KIND_CHANGED",
        "keep `B`; or give `int32` a name and a number of its own, and keep `x` beside it, marked `deprecated`",
        "message A { oneof o { B x = 1 [deprecated = true]; int32 y = 2; int32 x2 = 3; } } message B {}",
    ],
    [
        "message A { optional B x = 1; } message B {} message C {}",
        "message A { optional C x = 1; } message B {} message C {}",
        "FIELD_NAMED_TYPE_CHANGED",
        "keep `optional B`; or give `optional C` a number of its own, and write `reserved 1;`",
        "message A { reserved 1; optional C x = 2; } message B {} message C {}",
    ],
    [
        "message A { required B x = 1; } message B {} message C {}",
        "message A { required C x = 1; } message B {} message C {}",
        "FIELD_NAMED_TYPE_CHANGED",
        "keep `required B`; or give `required C` a name and a number of its own, and keep `x` beside it, marked `deprecated`",
        "message A { required B x = 1 [deprecated = true]; optional C x2 = 2; } message B {} message C {}",
    ],
    [
        "message A { required int32 x = 1; }",
        "message A { optional int32 x = 1; }",
        "FIELD_NUMERIC_LABEL_CHANGED",
        "keep the label; or give `optional int32` a name and a number of its own, and keep `x` beside it, marked \
         `deprecated`",
        "message A { required int32 x = 1 [deprecated = true]; optional int32 x2 = 2; }",
    ],
    [
        "message A { optional int32 x = 1; }",
        "message A { repeated int32 x = 1; }",
        "FIELD_NUMERIC_LABEL_CHANGED",
        "keep the label; or give `repeated int32` a number of its own, and write `reserved 1;`",
        "message A { reserved 1; repeated int32 x = 2; }",
    ],
    [
        "message A { optional int32 x = 1; optional int32 y = 2; }",
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
        "leave the fields out of the oneof; or make new members with numbers of their own",
        "message A { oneof o { int32 x = 3; int32 y = 4; } }",
    ],
    [
        "message A { oneof o { int32 y = 2; } optional int32 x = 1; }",
        "message A { oneof o { int32 y = 2; int32 x = 1; } }",
        "FIELD_MOVED_TO_EXISTING_ONEOF",
        "leave the fields out of the oneof; or make new members with numbers of their own",
        "message A { oneof o { int32 y = 2; int32 x = 3; } }",
    ],
    [
        "message A { oneof o { int32 x = 1; int32 y = 2; } }",
        "message A { oneof o { int32 y = 2; } optional int32 x = 1; }",
        "ONEOF_FIELD_MOVED_TO_TOP_LEVEL",
        "keep it in its oneof",
        "message A { oneof o { int32 x = 1; int32 y = 2; } optional int32 z = 3; }",
    ],
    [
        "message A { required int32 x = 1; }",
        "message A {}",
        "REQUIRED_FIELD_REMOVED",
        "keep it; a required field can never be taken back",
        "message A { required int32 x = 1; }",
    ],
];

#[test]
fn who_follows_the_advice_is_refused_no_more() {
    for [old, refused, code, advice, followed] in FOLLOWED {
        let found = incompatibilities(&schema(refused), &schema(old));
        let found: Vec<_> = found.iter().map(|found| (found.code, found.help.as_deref().unwrap_or_default())).collect();
        assert_eq!(found, [(*code, *advice)], "{old} → {refused}");
        assert_eq!(incompatibilities(&schema(followed), &schema(old)), [], "{old} → {followed}");
    }
}
