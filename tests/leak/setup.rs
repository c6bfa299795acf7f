//! Canaries in what sets a project up: deployment files, scripts, Terraform and their like.

use std::path::Path;

use super::{Canaries, SECRETS_MANAGER, write};

/// Adds files of every kind to the project at `root`.
pub(super) fn plant(root: &Path, c: &mut Canaries) {
    write(root, "deployment.yaml", deployment(c));
    write(root, "deployment.json", deployment_json(c));
    write(
        root,
        "broken.yaml",
        format!(
            "deployment:\n  environment_variables:\n  - key: {}\n    value: [{}\n",
            c.one(),
            c.one()
        ),
    );
    write(root, "docker-compose.override.yml", compose(c));
    write(root, "airflow_settings.yaml", settings(c));
    write(root, "chart/values.yaml", chart(c));
    write(root, "cloud/template.yaml", cloudformation(c));
    write(root, "infra/main.tf", terraform(c));
    let script = script(c);
    write(root, "scripts/deploy.sh", &script);
    write(
        root,
        "scripts/open.sh",
        format!("astro deployment variable update AIRFLOW_VAR_X='{}", c.one()),
    );
    write(root, "Makefile", makefile(c));
    write(root, ".github/workflows/deploy.yml", workflow(c));
}

fn kwargs(c: &mut Canaries) -> String {
    format!(
        "{{\"variables_prefix\": \"/airflow/variables\", \"aws_secret_access_key\": \"{}\", \"profil_name\": \"{}\"}}",
        c.one(),
        c.one()
    )
}

fn deployment(c: &mut Canaries) -> String {
    format!(
        "# {}\ndeployment:\n  environment_variables:\n  - key: AIRFLOW__SECRETS__BACKEND\n    value: {SECRETS_MANAGER}\n  - key: AIRFLOW__SECRETS__BACKEND_KWARGS\n    is_secret: false\n    value: '{}'\n  - key: DB_PASSWORD\n    value: \"{}\"\n  - key: AIRFLOW_CONN_X\n    value: postgres://u:{}@h/d\n  - key: AIRFLOW_CONN_AWS_DEFAULT\n    value: aws://{}:{}@\n  - key: AWS_SECRET_ACCESS_KEY\n    value: >-\n      {}\n  - key: OTHER\n    secret: true\n    {}: {}\n    value: {{{}: {}}}\n  - value: {}\n  configuration:\n    name: prod\n    description: {}\n",
        c.one(),
        kwargs(c),
        c.one(),
        c.one(),
        c.aws_id(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
    )
}

fn deployment_json(c: &mut Canaries) -> String {
    format!(
        "{{\"deployment\": {{\"environment_variables\": [{{\"key\": \"AIRFLOW__SECRETS__BACKEND_KWARGS\", \"is_secret\": false, \"value\": \"{}\"}}, {{\"key\": \"{}\", \"value\": \"{}\"}}], \"configuration\": {{\"name\": \"x\"}}}}}}\n",
        kwargs(c).replace('"', "\\\""),
        c.one(),
        c.one()
    )
}

fn compose(c: &mut Canaries) -> String {
    format!(
        "services:\n  scheduler:\n    environment:\n      AIRFLOW__SECRETS__BACKEND_KWARGS: '{}'\n      DB_PASSWORD: \"{}\"\n      {}: ${{{}}}\n      TOKEN: ${{PLAIN_TOKEN:-{}}}\n    volumes:\n    - ~/.aws:/home/astro/.aws # {}\n  webserver:\n    environment:\n    - AIRFLOW_CONN_X=http://u:{}@h\n    - {}\n",
        kwargs(c),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
    )
}

fn settings(c: &mut Canaries) -> String {
    format!(
        "airflow:\n  connections:\n  - conn_id: warehouse\n    conn_type: aws\n    conn_login: {}\n    conn_password: {}\n    conn_extra:\n      Token: {}\n  - conn_id: {}\n    conn_uri: postgres://u:{}@h/d\n  variables:\n  - variable_name: x\n    variable_value: {}\n",
        c.aws_id(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
    )
}

fn chart(c: &mut Canaries) -> String {
    format!(
        "agentToken: {}\nsecretBackend: {SECRETS_MANAGER}\ncommonEnv:\n- name: AIRFLOW__SECRETS__BACKEND_KWARGS\n  value: '{}'\n- name: AIRFLOW_CONN_X\n  value: x://u:{}@h\n- name: TOKEN\n  value: {}\n",
        c.one(),
        kwargs(c),
        c.one(),
        c.one(),
    )
}

fn cloudformation(c: &mut Canaries) -> String {
    format!(
        "Resources:\n  A:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      Name: airflow/connections/warehouse\n      SecretString: '{{\"password\": \"{}\"}}'\n  B:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Name: {}\n      Value: {}\n",
        c.one(),
        c.one(),
        c.one(),
    )
}

fn terraform(c: &mut Canaries) -> String {
    format!(
        "# {}\nlocals {{\n  token = \"{}\" # {}\n}}\nresource \"aws_secretsmanager_secret\" \"w\" {{\n  name = \"airflow/connections/warehouse\"\n}}\nresource \"aws_secretsmanager_secret_version\" \"w\" {{\n  secret_id     = aws_secretsmanager_secret.w.id\n  secret_string = jsonencode({{ host = \"h\", password = \"{}\", \"{}\" = 1 }})\n}}\nresource \"aws_secretsmanager_secret\" \"v\" {{\n  name = \"airflow/variables/{}\"\n}}\nresource \"aws_secretsmanager_secret_version\" \"v\" {{\n  secret_id     = aws_secretsmanager_secret.v.id\n  secret_string = <<-EOT\n    {{\"x\": \"{}\"}}\n  EOT\n}}\nresource \"astro_deployment\" \"d\" {{\n  name = \"d\"\n  environment_variables = [\n    {{ key = \"AIRFLOW__SECRETS__BACKEND\", value = \"{SECRETS_MANAGER}\", is_secret = false }},\n    {{ key = \"AIRFLOW__SECRETS__BACKEND_KWARGS\", value = jsonencode({{ variables_prefix = \"/airflow/variables\", aws_secret_access_key = \"{}\", profil_name = \"{}\" }}), is_secret = false }},\n    {{ key = \"AIRFLOW_CONN_X\", value = \"postgres://u:{}@h/d\", is_secret = false }},\n    {{ key = \"DB_PASSWORD\", value = \"${{local.token}}\", is_secret = false }},\n  ]\n}}\n",
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
    )
}

fn script(c: &mut Canaries) -> String {
    let kwargs = kwargs(c);
    format!(
        "#!/bin/bash\n# {}\nTOKEN={}\nexport DB=\"{}\"\nastro deployment variable create -d clx1 AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER} AIRFLOW__SECRETS__BACKEND_KWARGS='{kwargs}' DB_PASSWORD={} {} {}={}\nastro deployment variable update -d clx2 AIRFLOW__SECRETS__BACKEND_KWARGS={}\nastro deployment variable update -d clx3 AIRFLOW__SECRETS__BACKEND_KWARGS=\"{}\"\nastro deployment connection create --conn-id x --conn-type aws --login {} --password {} --extra '{{\"token\": \"{}\"}}'\naws secretsmanager create-secret --name airflow/connections/warehouse --secret-string '{{\"password\": \"{}\"}}' --region us-west-2\naws secretsmanager put-secret-value --secret-id airflow/variables/x --secret-string \"$TOKEN\"\naws ssm put-parameter --name /airflow/variables/y --value {} --type SecureString\naws secretsmanager create-secret --name airflow/connections/here --secret-string \"$(cat <<EOF\n{}\nEOF\n)\"\necho \"{}\" | gcloud secrets create airflow-variables-x --data-file=-\naz keyvault secret set --vault-name v --name airflow-variables-x --value {}\nvault kv put -mount=airflow variables/x value={}\n",
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        self::kwargs(c),
        self::kwargs(c),
        c.aws_id(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
        c.one(),
    )
}

fn makefile(c: &mut Canaries) -> String {
    format!(
        "TOKEN := {}\ndeploy:\n\t@astro deployment variable update -d clx4 --secret AIRFLOW__SECRETS__BACKEND_KWARGS='{}' DB_PASSWORD=$(TOKEN) X={}\n\taws secretsmanager create-secret --name airflow/connections/make --secret-string {}\n",
        c.one(),
        kwargs(c),
        c.one(),
        c.one(),
    )
}

fn workflow(c: &mut Canaries) -> String {
    format!(
        "on: push\nenv:\n  TOKEN: {}\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: astronomer/deploy-action@{}\n      with:\n        action: create-deployment-preview\n        token: {}\n    - run: |\n        astro deployment variable create -d ${{{{ secrets.ID }}}} AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER} AIRFLOW__SECRETS__BACKEND_KWARGS='{}'\n        aws secretsmanager create-secret --name /airflow/variables/x --secret-string {}\n",
        c.one(),
        c.one(),
        c.one(),
        kwargs(c),
        c.one(),
    )
}
