use super::told;
use crate::schema::SchemaFormat::Protobuf;

#[test]
fn changes_of_a_file() {
    let old = r#"syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
// An order.
message Order {
  string id = 1;
  int32 total = 2;
  oneof payer { string card = 3; string iban = 4; }
  Status status = 5;
  map<string, int32> counts = 6;
  message Line { string sku = 1; }
  repeated Line lines = 7;
  string note = 8 [deprecated = true];
  string moved = 9;
  google.protobuf.Timestamp at = 10;
}
enum Status { NEW = 0; PAID = 1; SENT = 2; }
message Gone { }
service Orders { rpc Get (Order) returns (Order); }
"#;
    let new = r#"syntax = "proto3";
package shop.v2;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
// One order.
message Order {
  string order_id = 1;
  string total = 2;
  oneof payer { string card = 3; }
  Status status = 5 [json_name = "state"];
  map<string, int64> counts = 6;
  message Line { string sku = 1; optional int32 count = 2; }
  repeated Line lines = 7;
  string note = 8;
  string moved = 12;
  reserved 4, 9; reserved "iban";
  repeated google.protobuf.Timestamp at = 10;
  google.protobuf.Duration took = 11;
}
enum Status { NEW = 0; SETTLED = 1; SENT = 3; }
message Come { Order order = 1; }
service Orders { rpc Get (Order) returns (stream Order); rpc Put (Order) returns (Order); }
"#;
    insta::assert_snapshot!(told(Protobuf, old, new), @r#"
    ~  | import `google/protobuf/duration.proto` added | property_changed |  -> 
    ~  | package: shop.v1 → shop.v2 | package_changed | package shop.v1; -> package shop.v2; !BACKWARD !FORWARD
    ~ Order | message `Order`: comment: An order. → One order. | doc_changed | Order -> Order
    ~ Order | message `Order`: reserved added: 4, 9, "iban" | constraint_changed | Order -> Order
    ~ Order.order_id | field renamed: id → order_id | renamed | id -> order_id
    ~ Order.total | type: int32 → string | type_changed | int32 -> string !BACKWARD !FORWARD
    - Order.iban | field removed: string = 4 | removed | iban !BACKWARD
    ~ Order.status | json_name added: state | json_name_changed | status -> status
    ~ Order.counts | type: map<string, int32> → map<string, int64> | type_changed | map<string, int32> -> map<string, int64>
    + Order.Line.count | field added: int32 = 2 | added | count
    ~ Order.note | option deprecated removed: true | option_changed | note -> note
    ~ Order.moved | number: 9 → 12 | number_changed | moved -> moved
    ~ Order.at | type: google.protobuf.Timestamp → repeated google.protobuf.Timestamp | type_changed | google.protobuf.Timestamp -> google.protobuf.Timestamp
    + Order.took | field added: google.protobuf.Duration = 11 | added | took
    - Gone | message `Gone` removed | removed | Gone !BACKWARD
    ~ Status | value `SETTLED` of `Status` renamed: PAID → SETTLED | renamed | PAID -> SETTLED
    ~ Status | value `SENT` of `Status`: number: 2 → 3 | number_changed | SENT -> SENT
    + Come | message `Come` added | added | Come !FORWARD
    ~ Orders.Get | output: Order → stream Order | type_changed | Get -> Get
    + Orders.Put | method added | added | Put
    compatible neither BACKWARD nor FORWARD
    "#);
}
