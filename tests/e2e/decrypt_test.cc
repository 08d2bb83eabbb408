// SPDX-License-Identifier: Apache-2.0
// Encrypted backups, with the real age and gpg: what is proven of them, and what cannot be told.
#include "support/damage.h"
#include "support/elsewhere.h"
#include "support/program.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

// A folder with keys of both tools and one backup, encrypted by either.
struct Vault {
  Folder folder;
  std::string decrypt;  // the value of the key

  Vault() { std::filesystem::create_directory(folder / "b"); }
  std::string path(const std::string& name) const { return (folder / name).native(); }

  // Encrypts a whole database, gzipped, as b/shop.db.gz.age.
  void encrypt_with_age() const {
    sh("cd " + folder.path().native() +
       " && age-keygen -o right.key 2>/dev/null && age-keygen -o wrong.key 2>/dev/null && gzip "
       "-c " +
       make_shop(folder, "x.db").native() +
       " | age -r $(age-keygen -y right.key) > b/shop.db.gz.age && rm x.db");
  }
  // The same as b/shop.db.gz.gpg, for a key without a passphrase in the folder "right".
  void encrypt_with_gpg() const {
    sh("cd " + folder.path().native() +
       " && mkdir -m 700 right wrong && for h in right wrong; do gpg --homedir $h --batch --quiet "
       "--passphrase '' --quick-generate-key $h@example.org default default never 2>/dev/null; "
       "done; gzip -c " +
       make_shop(folder, "x.db").native() +
       " | gpg --homedir right --batch --quiet --trust-model always -r right@example.org -e > "
       "b/shop.db.gz.gpg && rm x.db; for h in right wrong; do gpgconf --homedir $h --kill all; "
       "done");
  }
  Path config() const {
    return folder.write("c.toml",
                        "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = "
                        "\"shop\"\nsource = { kind = \"directory\", path = \"b\", settle = \"0s\" "
                        "}\n" +
                            (decrypt.empty() ? "" : "decrypt = " + decrypt + "\n"));
  }
  json verify() const {
    const Output output = program(
        {"verify", "--config.file", config().native(), "--target", "shop", "--format", "json"});
    INFO(output.err);
    REQUIRE_FALSE(output.out.empty());
    CHECK(left_in(folder / "scratch").empty());
    return json::parse(output.out);
  }
  // The run is inconclusive because of `cause`, with `reason` in it.
  void cannot_tell(const std::string& cause, const std::string& reason) const {
    const json run = verify();
    INFO(run.dump(1));
    CHECK(run.at("verdict") == "inconclusive");
    CHECK(run.at("cause") == cause);
    CHECK(run.at("reason").get<std::string>().find(reason) != std::string::npos);
  }
  void passes(const std::string& artefact) const {
    const json run = verify();
    INFO(run.dump(1));
    CHECK(run.at("verdict") == "passed");
    const json& backup = run.at("backup");
    CHECK(backup.at("sha256") == sh("sha256sum < " + path("b/" + artefact)).substr(0, 64));
    CHECK(backup.at("bytes") == std::filesystem::file_size(folder / ("b/" + artefact)));
    CHECK(run.at("format").at("containers") == "gzip");
  }
  void cut(const std::string& artefact, int bytes) const {
    sh("truncate -s -" + std::to_string(bytes) + " " + path("b/" + artefact));
  }
  void damage(const std::string& artefact) const {
    sh("printf X | dd of=" + path("b/" + artefact) + " bs=1 seek=700 conv=notrunc status=none");
  }
};

}  // namespace

TEST_CASE("a backup that age encrypted is verified by what is in it") {
  if (missing({"age"})) return;
  Vault vault;
  vault.encrypt_with_age();
  vault.decrypt = "\"age -d -i " + vault.path("right.key") + "\"";
  vault.passes("shop.db.gz.age");
  vault.decrypt = "\"age -d -i " + vault.path("wrong.key") + "\"";
  vault.cannot_tell("decrypt",
                    "the decrypt command ended with exit code 1: age: error: no identity matched");
  vault.decrypt = "\"age -d -i " + vault.path("no.key") + "\"";
  vault.cannot_tell("decrypt", "no such file");
  vault.decrypt = "\"age -d -i " + vault.path("right.key") + "\"";
  vault.damage("shop.db.gz.age");
  vault.cannot_tell("decrypt", "exit code 1");
  vault.cut("shop.db.gz.age", 100);
  vault.cannot_tell("decrypt", "exit code 1");
}

TEST_CASE("a backup that gpg encrypted is verified by what is in it") {
  if (missing({"gpg"})) return;
  Vault vault;
  vault.encrypt_with_gpg();
  const auto with = [&](const std::string& home) {
    return "\"gpg --batch --quiet --homedir " + vault.path(home) + " --decrypt\"";
  };
  vault.decrypt = with("right");
  vault.passes("shop.db.gz.gpg");
  // The agent that gpg starts for itself has ended with it.
  CHECK(sh("pgrep -f '[g]pg-agent --homedir " + vault.path("") + "' || true").empty());
  vault.decrypt = with("wrong");
  vault.cannot_tell("decrypt", "the decrypt command ended with exit code 2: gpg: ");
  sh("mkdir -m 700 " + vault.path("none"));
  vault.decrypt = with("none");
  vault.cannot_tell("decrypt", "exit code 2");
  vault.decrypt = with("right");
  vault.cut("shop.db.gz.gpg", 100);
  vault.cannot_tell("decrypt", "exit code 2");
}

TEST_CASE("a passphrase comes from a file, and is shown nowhere") {
  if (missing({"gpg"})) return;
  Vault vault;
  vault.folder.write("passphrase", "correct horse\n");
  sh("cd " + vault.folder.path().native() + " && mkdir -m 700 gnupg && gzip -c " +
     make_shop(vault.folder, "x.db").native() +
     " | gpg --homedir gnupg --batch --quiet --pinentry-mode loopback --passphrase 'correct horse' "
     "-c > b/shop.db.gz.gpg && rm x.db; gpgconf --homedir gnupg --kill all");
  const std::string command =
      "'''gpg --batch --quiet --pinentry-mode loopback --homedir \"$HOME_OF_GPG\" --passphrase-fd "
      "3 "
      "--decrypt 3<<END\n$PASSPHRASE\nEND\n'''";
  vault.decrypt = "{ command = " + command + ", environment = { HOME_OF_GPG = \"" +
                  vault.path("gnupg") + "\" }, secrets = { PASSPHRASE = \"passphrase\" } }";
  vault.passes("shop.db.gz.gpg");
  vault.folder.write("passphrase", "battery staple\n");
  vault.cannot_tell("decrypt", "exit code 2");
  CHECK(sh("grep -rlE 'correct horse|battery staple' " + vault.path("state") + " || true").empty());
  std::filesystem::remove(vault.folder / "passphrase");
  vault.cannot_tell("decrypt", "cannot read the secret PASSPHRASE: ");
}

TEST_CASE("a filter that does not do as it should says nothing of the backup") {
  Vault vault;
  sh("mv " + make_shop(vault.folder, "x.db").native() + " " + vault.path("b/shop.db"));
  vault.decrypt = "\"cat\"";
  CHECK(vault.verify().at("verdict") == "passed");
  vault.decrypt =
      "{ command = \"setsid tail -f /dev/null & tail -f /dev/null\", timeout = \"2s\" }";
  vault.cannot_tell("timeout", "the decrypt command did not end within 2s");
  vault.decrypt = "\"no-such-filter\"";
  vault.cannot_tell("decrypt", "exit code 127");
  vault.decrypt = "\"echo nonsense\"";
  vault.cannot_tell("decrypt", "what the decrypt command wrote: ");
  vault.decrypt = "\"true\"";
  vault.cannot_tell("decrypt", "what the decrypt command wrote has 0 bytes");
  vault.decrypt = "\"head -c 9000\"";
  CHECK(vault.verify().at("cause") == "truncated");
  vault.decrypt = "\"yes\"\nmax_scratch = \"1MiB\"";
  vault.cannot_tell("space", "");
  vault.decrypt = "\"cat; echo >> " + vault.path("b/shop.db") + "\"";
  vault.cannot_tell("fetch", "changed while it was decrypted");
}

TEST_CASE("an encrypted backup without a command that decrypts it says what is missing") {
  if (missing({"age"})) return;
  Vault vault;
  vault.encrypt_with_age();
  const json run = vault.verify();
  CHECK(run.at("cause") == "missing_tool");
  CHECK(run.at("reason") == "the content is a file encrypted with age");
  CHECK(run.at("hint").get<std::string>().find("decrypt") != std::string::npos);
}

TEST_CASE("a self-test damages what was decrypted") {
  if (missing({"age"})) return;
  Vault vault;
  vault.encrypt_with_age();
  vault.decrypt = "\"age -d -i " + vault.path("right.key") + "\"";
  vault.passes("shop.db.gz.age");
  const Output output = program({"selftest", "shop", "--config.file", vault.config().native()});
  INFO(output.out << output.err);
  CHECK(output.ended.exit_code == 0);
  CHECK(left_in(vault.folder / "scratch").empty());
}
