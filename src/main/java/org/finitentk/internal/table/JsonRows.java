package org.finitentk.internal.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows that are JSON objects, one a line, each with its own names; values are numbers, texts, truth values or null. */
final class JsonRows implements TableRows {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private final BufferedReader text;
    private final String name;
    private long line;

    JsonRows(BufferedReader text, String name) {
        this.text = text;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable List<String> columns() {
        return null;
    }

    @Override
    public @Nullable TableRow next() throws IOException {
        String next = text.readLine();
        line++;
        while (next != null && next.isBlank()) {
            next = text.readLine();
            line++;
        }
        return next == null ? null : row(next);
    }

    private TableRow row(String json) {
        JsonNode object;
        try {
            object = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            return new TableRow(line, List.of(), List.of(), "it is no JSON: " + e.getOriginalMessage());
        }
        if (!object.isObject()) {
            return new TableRow(line, List.of(), List.of(), "it is no JSON object");
        }
        List<String> names = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        List<RowWriter.Json> own = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            names.add(field.getKey());
            JsonNode value = field.getValue();
            own.add(new RowWriter.Json(value.toString()));
            cells.add(value.isNull() ? "" : value.isValueNode() ? value.asText() : value.toString());
        }
        return new TableRow(line, names, cells, null, own);
    }

    @Override
    public boolean isReady() throws IOException {
        return text.ready();
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
