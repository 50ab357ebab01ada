use super::normal;
use crate::schema::{SchemaFormat, is_met_by};

fn checked(text: &str) -> String {
    let shown = normal(text).unwrap();
    assert!(is_met_by(SchemaFormat::Protobuf, text, &shown), "{shown}");
    assert_eq!(normal(&shown).unwrap(), shown);
    shown
}

#[test]
fn everything_that_proto3_has() {
    let text = r#"/* Licence */
syntax = "proto3";
// What is played.
package media.v1;
import "b.proto"; import public "a.proto";
option java_package = "x\"ä"; option (.my.file) = { a: 1, b <c: [ 'x', 'y' ]>; };
service Player { rpc Play(stream Track) returns (.other.Answer) { option deprecated = true; }
  // Why.
  rpc Stop(Track) returns (Track); }
enum Kind { option allow_alias = true; 
  /** nothing yet */
  NONE = 0; reserved 5 to max, -3; reserved "OLD"; SOME = 1 [deprecated = true]; }
message Track {
  reserved 12 to 14, 9; reserved "old";
  string name = 2 [(my.opt).x = -1.5, json_name = "title", deprecated = true];
  /*
   * The id.
   *
   * * never changes
   */
  media.v1.Track.Id id = 1;  // really
  oneof source { .media.v1.Kind kind = 4; Track other = 3; option (my.oneof) = inf; }
  map<string, Id> ids = 7;
  optional int32 rate = 8;
  repeated my.Import things = 10;
  message Id { bytes raw = 1; Kind Kind = 2; enum Inner { A = 0; } map<int32, Inner> inner = 3; }
  extend my.Options { string hint = 5000; }
}
"#;
    insta::assert_snapshot!(checked(text), @r#"
    // Licence
    syntax = "proto3";

    // What is played.
    package media.v1;

    import public "a.proto";
    import "b.proto";

    option java_package = "x\"ä";
    option (.my.file) = { a: 1 b { c: [ "x", "y" ] } };

    message Track {
      reserved 9;
      reserved 12 to 14;
      reserved "old";
      // The id.
      // never changes
      // really
      Id id = 1;
      string name = 2 [json_name = "title", deprecated = true, (my.opt).x = -1.5];
      oneof source {
        option (my.oneof) = inf;
        Track other = 3;
        Kind kind = 4;
      }
      map<string, Id> ids = 7;
      optional int32 rate = 8;
      repeated my.Import things = 10;

      message Id {
        bytes raw = 1;
        Kind Kind = 2;
        map<int32, Inner> inner = 3;

        enum Inner {
          A = 0;
        }
      }

      extend my.Options {
        string hint = 5000;
      }
    }

    enum Kind {
      option allow_alias = true;
      reserved -3;
      reserved 5 to max;
      reserved "OLD";
      // nothing yet
      NONE = 0;
      SOME = 1 [deprecated = true];
    }

    service Player {
      rpc Play(stream Track) returns (.other.Answer) {
        option deprecated = true;
      }
      // Why.
      rpc Stop(Track) returns (Track);
    }
    "#);
}

#[test]
fn everything_that_proto2_has() {
    let text = r#"
message Outer {
  extensions 100 to 199, 500 to max [(my.range) = "x"];
  message First {}
  oneof choice { group Third = 7 { optional int32 a = 1; } int32 plain = 5; group Fourth = 6 {} }
  // Repeated.
  repeated group Second = 3 [deprecated = true] { required Outer.First first = 1; message Deep {} }
  message Last { option message_set_wire_format = true; extensions 4 to max; }
  optional bytes raw = 8 [default = "a\001\"\\\xff"];
  optional string text = 9 [default = "a\001\"\\é\n"];
  optional double most = 10 [default = 1e300];
  optional float none = 11 [default = -inf];
  optional Kind kind = 12 [default = B];
  optional uint64 big = 13 [default = 0xffffffffffffffff];
  extend Outer { optional group Extra = 101 { optional int32 x = 1; } }
}
// Far away.
extend Outer {
  /* A hint. */
  optional string hint = 100; repeated group Late = 110 {} }
message After {}
enum Kind { A = 0; B = 1; }
"#;
    insta::assert_snapshot!(checked(text), @r#"
    syntax = "proto2";

    message Outer {
      extensions 100 to 199 [(my.range) = "x"];
      extensions 500 to max [(my.range) = "x"];
      optional bytes raw = 8 [default = "a\001\"\\\377"];
      optional string text = 9 [default = "a\001\"\\é\n"];
      optional double most = 10 [default = 1e300];
      optional float none = 11 [default = -inf];
      optional Kind kind = 12 [default = B];
      optional uint64 big = 13 [default = 18446744073709551615];

      message First {
      }

      oneof choice {
        int32 plain = 5;
        group Third = 7 {
          optional int32 a = 1;
        }
        group Fourth = 6 {
        }
      }

      // Repeated.
      repeated group Second = 3 [deprecated = true] {
        required First first = 1;

        message Deep {
        }
      }

      message Last {
        option message_set_wire_format = true;
        extensions 4 to max;
      }

      extend Outer {
        optional group Extra = 101 {
          optional int32 x = 1;
        }
      }
    }

    extend Outer {
      repeated group Late = 110 {
      }
    }

    message After {
    }

    extend Outer {
      // A hint.
      optional string hint = 100;
    }

    enum Kind {
      A = 0;
      B = 1;
    }
    "#);
}

#[test]
fn a_name_that_would_mean_another_type_stands_in_full() {
    let text = r#"syntax = "proto3"; package a.b;
message M { message a { message b {} } .a.b.N one = 1; N two = 2; message N {} string string = 3; .a.b.lower four = 4; }
message N {} message lower {}
"#;
    insta::assert_snapshot!(checked(text), @r#"
    syntax = "proto3";

    package a.b;

    message M {
      .a.b.N one = 1;
      N two = 2;
      string string = 3;
      .a.b.lower four = 4;

      message a {
        message b {
        }
      }

      message N {
      }
    }

    message N {
    }

    message lower {
    }
    "#);
}
