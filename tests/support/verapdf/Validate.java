// Validate.java: prints PASS or every failed clause of a PDF, for the profiles named.
import java.io.FileInputStream;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

class Validate {
  public static void main(String[] arguments) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    boolean passed = true;
    for (int i = 1; i < arguments.length; i++) {
      PDFAFlavour flavour = PDFAFlavour.byFlavourId(arguments[i]);
      try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(arguments[0]), flavour)) {
        PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
        ValidationResult result = validator.validate(parser);
        System.out.println(arguments[i] + ": " + (result.isCompliant() ? "PASS" : "FAIL"));
        TreeMap<String, String> clauses = new TreeMap<>();
        for (TestAssertion assertion : result.getTestAssertions())
          if (assertion.getStatus() == TestAssertion.Status.FAILED)
            clauses.merge(assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber(),
                assertion.getMessage() + " at " + assertion.getLocation().getContext(), (old, more) -> old);
        clauses.forEach((clause, text) -> System.out.println("  " + clause + ": " + text));
        passed &= result.isCompliant();
      } catch (org.verapdf.core.VeraPDFException fault) {
        System.out.println(arguments[i] + ": FAIL\n  the file cannot be read: " + fault.getMessage());
        passed = false;
      }
    }
    System.exit(passed ? 0 : 1);
  }
}
