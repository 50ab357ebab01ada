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
 * What Apache Avro itself says. Each line of standard input is an object with the texts "reader" and "writer"; each
 * line of standard output says which of them are valid, and, where both are, what makes them incompatible. "gaveUp" is
 * there where the comparison ended with an exception.
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
    Schema reader = parse(pair.get("reader").textValue());
    Schema writer = parse(pair.get("writer").textValue());
    answer.put("reader", reader != null);
    answer.put("writer", writer != null);
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

  private static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (RuntimeException refused) {
      return null;
    }
  }
}
