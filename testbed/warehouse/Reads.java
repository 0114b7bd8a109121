import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What reads.py does, through PostgreSQL's JDBC driver: java -cp postgresql.jar Reads.java PORT PASSWORD STOP. */
public class Reads {
    static final String[] MARTS = {
        "fct_vehicle_readings", "fct_car_samples", "agg_traffic_road_hours", "agg_car_alerts_15min"
    };
    static final String QUESTION =
        "select count(*), coalesce(max(_built_ms), 0), (select coalesce(max(runs), 0) from"
        + " (select count(distinct _built_ms) as runs from MART group by event_hour)) from MART";

    public static void main(String[] arguments) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/warehouse";
        Path stop = Path.of(arguments[2]);
        Map<String, Map<String, Long>> seen = new LinkedHashMap<>();
        long reads = 0;
        try (Connection connection = DriverManager.getConnection(url, "reader", arguments[1])) {
            System.out.println("connected");
            while (!Files.exists(stop)) {
                for (String mart : MARTS) {
                    Map<String, Long> known = seen.computeIfAbsent(mart, name -> new LinkedHashMap<>());
                    try (PreparedStatement asked = connection.prepareStatement(QUESTION.replace("MART", mart));
                            ResultSet answer = asked.executeQuery()) {
                        answer.next();
                        check(mart, answer.getLong(1), answer.getString(2), answer.getLong(3), known);
                        reads++;
                    }
                }
            }
        }
        StringBuilder json = new StringBuilder("{\"by\": \"JDBC\", \"reads\": " + reads + ", \"seen\": {");
        seen.forEach((mart, found) -> {
            json.append(json.charAt(json.length() - 1) == '{' ? "" : ", ").append("\"" + mart + "\": {");
            found.forEach((built, rows) -> json
                .append(json.charAt(json.length() - 1) == '{' ? "" : ", ").append("\"" + built + "\": " + rows));
            json.append("}");
        });
        System.out.println(json + "}}");
    }

    static void check(String mart, long rows, String built, long runs, Map<String, Long> known) {
        if (runs > 1 && !mart.startsWith("fct_")) {
            throw new AssertionError(mart + ": an hour has rows of " + runs + " runs");
        }
        if (!known.isEmpty() && rows < Collections.max(known.values())) {
            throw new AssertionError(mart + ": " + rows + " rows after " + known);
        }
        Long before = known.putIfAbsent(built, rows);
        if (before != null && before != rows) {
            throw new AssertionError(mart + ": " + rows + " rows and " + before + " of the same run");
        }
    }
}
