import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * What Apache Avro itself says. Each line of standard input is an object with the texts "reader" and "writer", and
 * "reference", a text that each of them may use or null; each line of standard output says which of them are valid, with
 * and without a look at defaults, and, where both are without it, what makes them incompatible. "gaveUp" is there where
 * the comparison ended with an exception. With "bytes" it says what the reader makes of them instead, "read" or "refused".
 * An object with "write" instead is answered by the schema as Avro writes it.
 */
public class Reference {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    // Schemas may be nested deeply.
    Thread thread = new Thread(null, Reference::answerAll, "reference", 1L << 29);
    thread.start();
    thread.join();
  }

  private static void answerAll() {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(JSON.writeValueAsString(answer(JSON.readTree(line))));
        // Whoever waits for one answer gets it at once; whoever has written ahead gets many together.
        if (!in.ready()) {
          out.flush();
        }
      }
    } catch (IOException broken) {
      throw new java.io.UncheckedIOException(broken);
    }
    out.flush();
  }

  private static ObjectNode answer(JsonNode pair) {
    ObjectNode answer = JSON.createObjectNode();
    if (pair.has("write")) {
      return answer.put("written", new Schema.Parser().parse(pair.get("write").textValue()).toString());
    }
    if (pair.has("bytes")) {
      return read(answer, parse(pair, "reader", false), parse(pair, "writer", false), pair.get("bytes").textValue());
    }
    answer.put("reader", parse(pair, "reader", true) != null);
    answer.put("writer", parse(pair, "writer", true) != null);
    Schema reader = parse(pair, "reader", false);
    Schema writer = parse(pair, "writer", false);
    answer.put("readerRegistered", reader != null);
    answer.put("writerRegistered", writer != null);
    if (reader == null || writer == null) {
      return answer;
    }
    ArrayNode incompatibilities = answer.putArray("incompatibilities");
    try {
      SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult().getIncompatibilities()
          .forEach(found -> incompatibilities.add(found.getType() + " " + found.getLocation()));
    } catch (RuntimeException gaveUp) {
      answer.put("gaveUp", gaveUp.toString());
    }
    return answer;
  }

  /** What a consumer with the reader's schema makes of bytes of the writer's, or why it does not. */
  private static ObjectNode read(ObjectNode answer, Schema reader, Schema writer, String hexadecimal) {
    byte[] bytes = HexFormat.of().parseHex(hexadecimal);
    try {
      BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
      Object record = new GenericDatumReader<>(writer, reader).read(null, decoder);
      answer.put("whole", decoder.isEnd());
      answer.set("read", json(reader, record));
    } catch (IOException | RuntimeException | StackOverflowError refused) {
      answer.put("refused", refused.toString());
    }
    return answer;
  }

  /** A value in the form of Avro's JSON encoding, with names for the numbers that JSON does not have. */
  private static JsonNode json(Schema schema, Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    switch (schema.getType()) {
      case RECORD:
        ObjectNode record = nodes.objectNode();
        schema.getFields().forEach(f -> record.set(f.name(), json(f.schema(), ((IndexedRecord) value).get(f.pos()))));
        return record;
      case ARRAY:
        ArrayNode array = nodes.arrayNode();
        ((Collection<?>) value).forEach(item -> array.add(json(schema.getElementType(), item)));
        return array;
      case MAP:
        ObjectNode map = nodes.objectNode();
        ((Map<?, ?>) value).forEach((key, item) -> map.set(key.toString(), json(schema.getValueType(), item)));
        return map;
      case UNION:
        Schema branch = schema.getTypes().get(GenericData.get().resolveUnion(schema, value));
        boolean isNull = branch.getType() == Schema.Type.NULL;
        return isNull ? nodes.nullNode() : nodes.objectNode().set(branch.getFullName(), json(branch, value));
      case FIXED:
        return nodes.textNode(new String(((GenericFixed) value).bytes(), StandardCharsets.ISO_8859_1));
      case BYTES:
        ByteBuffer buffer = (ByteBuffer) value;
        return nodes.textNode(StandardCharsets.ISO_8859_1.decode(buffer).toString());
      case ENUM:
      case STRING:
        return nodes.textNode(value.toString());
      case FLOAT:
      case DOUBLE:
        double number = ((Number) value).doubleValue();
        boolean isFinite = !Double.isNaN(number) && !Double.isInfinite(number);
        return isFinite ? nodes.numberNode(number) : nodes.textNode(Double.toString(number));
      case INT:
      case LONG:
        return nodes.numberNode(((Number) value).longValue());
      case BOOLEAN:
        return nodes.booleanNode((Boolean) value);
      default:
        return nodes.nullNode();
    }
  }

  /** What one of them is; null where it, or the reference before it, is refused. */
  private static Schema parse(JsonNode pair, String side, boolean validateDefaults) {
    try {
      Schema.Parser parser = new Schema.Parser().setValidateDefaults(validateDefaults);
      JsonNode reference = pair.get("reference");
      if (!reference.isNull()) {
        parser.parse(reference.textValue());
      }
      return parser.parse(pair.get(side).textValue());
    } catch (RuntimeException refused) {
      return null;
    }
  }
}
