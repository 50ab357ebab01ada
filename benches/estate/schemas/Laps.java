import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * Goes over the pairs of a file, a line of JSON each with the texts "old" and "new", as often as standard input has lines:
 * "texts" parses both and compares them, "schemas" compares what was parsed before. Answers with nanoseconds and the
 * number of compatible pairs.
 */
public class Laps {
  public static void main(String[] arguments) throws Exception {
    ObjectMapper json = new ObjectMapper();
    List<String[]> texts = new ArrayList<>();
    List<Schema[]> schemas = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      JsonNode pair = json.readTree(line);
      String[] both = {pair.get("new").textValue(), pair.get("old").textValue()};
      texts.add(both);
      schemas.add(new Schema[] {parse(both[0]), parse(both[1])});
    }
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int compatible = 0;
      long start = System.nanoTime();
      if (line.equals("texts")) {
        for (String[] pair : texts) {
          compatible += compare(parse(pair[0]), parse(pair[1]));
        }
      } else {
        for (Schema[] pair : schemas) {
          compatible += compare(pair[0], pair[1]);
        }
      }
      System.out.println((System.nanoTime() - start) + " " + compatible);
    }
  }

  private static Schema parse(String text) {
    return new Schema.Parser().parse(text);
  }

  private static int compare(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
        == SchemaCompatibilityType.COMPATIBLE ? 1 : 0;
  }
}
