"""The two engines that the questions are asked of: the same SQL, the same rows."""

import decimal
import glob
import os

# The names that the questions know, and the store's folders.
VIEWS = {"interval_rows": "intervals", "bucket_rows": "buckets", "sweep_rows": "sweeps", "file_rows": "files"}


class DuckDB:
    """On one machine."""

    def __init__(self, store, threads=None, memory=None, scratch=None):
        import duckdb

        self.database = duckdb.connect()
        if threads:
            self.database.execute(f"SET threads = {int(threads)}")
        if memory:
            self.database.execute(f"SET memory_limit = '{memory}'")
        if scratch:
            self.database.execute("SET temp_directory = '" + scratch.replace("'", "''") + "'")
        for view, folder in VIEWS.items():
            pattern = os.path.join(glob.escape(store), folder, "date=*", "*.parquet").replace("'", "''")
            self.database.execute(
                f"CREATE VIEW {view} AS SELECT * FROM read_parquet('{pattern}', hive_partitioning = false)")

    def table(self, name, query):
        """Keeps a query's rows under a name."""
        self.database.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def rows(self, query):
        """A query's rows, each a dict."""
        found = self.database.execute(query)
        names = [column[0] for column in found.description]
        return [_plain(zip(names, row)) for row in found.fetchall()]

    def close(self):
        self.database.close()


class Spark:
    """On as many machines as there are: `master` as Spark takes it."""

    def __init__(self, store, master="local[2]", memory="3g", scratch=None, partitions=2, options=None):
        from pyspark.sql import SparkSession

        builder = (
            SparkSession.builder.master(master).appName("polltrace-fleet")
            .config("spark.driver.memory", memory).config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", str(partitions)).config("spark.sql.session.timeZone", "UTC")
            .config("spark.log.level", "ERROR").config("spark.ui.showConsoleProgress", "false"))
        if scratch:
            builder = builder.config("spark.local.dir", scratch)
        for name, value in (options or {}).items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")
        for view, folder in VIEWS.items():
            self.session.read.parquet(os.path.join(store, folder)).createOrReplaceTempView(view)

    def table(self, name, query):
        kept = self.session.sql(query).cache()
        # Now, as the query may name the table itself.
        kept.count()
        kept.createOrReplaceTempView(name)

    def rows(self, query):
        return [_plain(row.asDict().items()) for row in self.session.sql(query).collect()]

    def close(self):
        self.session.stop()


def _plain(fields):
    """Decimals without digits behind the point as whole numbers."""
    return {
        name: int(value) if isinstance(value, decimal.Decimal) and value == value.to_integral_value()
        else float(value) if isinstance(value, decimal.Decimal) else value
        for name, value in fields
    }
