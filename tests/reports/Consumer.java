import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import se.bjurr.violations.lib.ViolationsApi;
import se.bjurr.violations.lib.model.Violation;
import se.bjurr.violations.lib.reports.Parser;

/**
 * Reads a report with the library that plugins of Jenkins and bots of merge requests read it with. Of each violation it
 * writes severity, rule, line and file, apart by tabs, with a zero behind. Without a report it writes the JSON Schema of
 * SARIF.
 */
public final class Consumer {
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (arguments.length == 0) {
      try (var schema = Consumer.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
        schema.transferTo(out);
      }
      return;
    }
    Logger.getLogger("").setLevel(Level.SEVERE);
    Path report = Path.of(arguments[1]);
    var found =
        ViolationsApi.violationsApi()
            .withPattern(".*/" + report.getFileName())
            .inFolder(report.getParent().toString())
            .findAll(Parser.valueOf(arguments[0]))
            .violations();
    for (Violation violation : found) {
      out.print(
          violation.getSeverity()
              + "\t" + violation.getRule()
              + "\t" + violation.getStartLine()
              + "\t" + violation.getFile()
              + "\0");
    }
  }
}
