package org.finitentk.cli;

import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.SerializedObject;
import com.oracle.labs.mlrg.olcut.config.io.ConfigLoader;
import com.oracle.labs.mlrg.olcut.config.io.ConfigLoaderException;
import com.oracle.labs.mlrg.olcut.config.io.ConfigWriter;
import com.oracle.labs.mlrg.olcut.config.io.ConfigWriterException;
import com.oracle.labs.mlrg.olcut.config.io.FileFormatFactory;
import com.oracle.labs.mlrg.olcut.config.io.URLLoader;
import com.oracle.labs.mlrg.olcut.config.property.GlobalProperties;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * One of OLCUT's formats of configuration files, for files that others wrote. OLCUT parses XML as Java does by default,
 * where a document type names files and hosts that the parser opens; and it reads objects of Java serialization that a
 * configuration names, without a filter. Files that a file includes are looked at too, since OLCUT asks here for each.
 *
 * @param format the format itself
 */
record GuardedFormat(FileFormatFactory format) implements FileFormatFactory {
    private static final String NO_DOCUMENT_TYPE = "http://apache.org/xml/features/disallow-doctype-decl";

    @Override
    public String getExtension() {
        return format.getExtension();
    }

    @Override
    @SuppressWarnings("rawtypes") // as OLCUT declares it
    public ConfigLoader getLoader(
            URLLoader parent,
            Map<String, ConfigurationData> components,
            Map<String, ConfigurationData> existing,
            Map<String, SerializedObject> objects,
            GlobalProperties properties)
            throws ConfigLoaderException {
        ConfigLoader loader = format.getLoader(parent, components, existing, objects, properties);
        return new ConfigLoader() {
            @Override
            public void load(URL url) throws ConfigLoaderException {
                requireNoDocumentType(url);
                loader.load(url);
                requireNoSerializedObjects(components, objects.keySet());
            }

            @Override
            public void load(InputStream stream) throws ConfigLoaderException {
                throw new ConfigLoaderException("a configuration can be read from a file only");
            }
        };
    }

    private void requireNoDocumentType(URL url) throws ConfigLoaderException {
        if (!url.getProtocol().equals("file") && !url.getProtocol().equals("jar")
                || !url.getHost().isEmpty()) {
            throw new ConfigLoaderException(url + " is no file on this machine");
        }
        if (getExtension().equals("xml")) {
            try (InputStream in = url.openStream()) {
                SAXParserFactory factory = SAXParserFactory.newInstance();
                factory.setFeature(NO_DOCUMENT_TYPE, true);
                factory.newSAXParser().parse(in, new DefaultHandler());
            } catch (SAXParseException e) {
                String message = String.valueOf(e.getMessage());
                throw new ConfigLoaderException(
                        e,
                        "line " + e.getLineNumber() + ", "
                                + (message.contains("disallow-doctype-decl")
                                        ? "there is a document type (DOCTYPE), which can name files and "
                                                + "hosts to open; remove it"
                                        : message));
            } catch (SAXException | ParserConfigurationException | IOException e) {
                throw new ConfigLoaderException(e, "it cannot be read: " + e.getMessage());
            }
        }
    }

    private static void requireNoSerializedObjects(Map<String, ConfigurationData> components, Set<String> objects)
            throws ConfigLoaderException {
        for (String name : objects) {
            throw new ConfigLoaderException("'" + name
                    + "' is an object of Java serialization, which can run any code; configure a component instead");
        }
        for (ConfigurationData component : components.values()) {
            if (component.getSerializedForm() != null) {
                throw new ConfigLoaderException("component '" + component.getName()
                        + "' has a serialized form, which can run any code; remove it");
            }
        }
    }

    @Override
    public ConfigWriter getWriter(OutputStream writer) throws ConfigWriterException {
        return format.getWriter(writer);
    }
}
