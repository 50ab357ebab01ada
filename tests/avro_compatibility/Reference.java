import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/**
 * What Apache Avro itself says. Each line of standard input is an object with the texts "reader" and "writer", and
 * "reference", a text that each of them may use or null; each line of standard output says which of them are valid, with
 * and without a look at defaults, and, where both are without it, what makes them incompatible. "gaveUp" is there where
 * the comparison ended with an exception. An object with "write" instead is answered by the schema as Avro writes it.
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
